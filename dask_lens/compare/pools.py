"""Pools of processes that stay open for all runs, count what goes through, and always end."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from typing import Any

import dask.multiprocessing

from dask_lens.compare.opening import opened

#: Seconds that all processes of a pool get to come up.
START_UP = 60.0

#: Seconds that processes get to end on their own.
GRACE = 2.0


class _Pool(ProcessPoolExecutor):
    """A pool that stays open for all runs, and counts what goes through it."""

    #: Bytes that Dask has pickled, on their way here and back.
    carried = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **options: Any) -> Future[Any]:
        """Submit, and count."""
        self.carried += _packed(args)
        future = super().submit(fn, *args, **options)
        future.add_done_callback(self._count)
        return future

    def _count(self, future: Future[Any]) -> None:
        if not future.cancelled() and future.exception() is None:
            self.carried += _packed(future.result())

    def shutdown(self, wait: bool = True, **options: Any) -> None:
        """Stay open: Dask closes the pools that it makes, and believes it made this one."""

    def close(self) -> None:
        """End the processes, those in a task that never ends as well."""
        processes = list((getattr(self, "_processes", None) or {}).values())
        super().shutdown(wait=False, cancel_futures=True)
        until = time.monotonic() + GRACE
        for process in processes:
            process.join(max(until - time.monotonic(), 0.0))
        for process in processes:
            if process.is_alive():
                process.kill()
                process.join()


class Pools:
    """Pools of processes by size, kept for all runs and closed at the end.

    Parameters
    ----------
    stack
        Closes them.
    left
        Returns the seconds until the time for opening is over.
    """

    def __init__(self, stack: contextlib.ExitStack, left: Callable[[], float]) -> None:
        self._stack = stack
        self._left = left
        self._open: dict[int, _Pool] = {}
        #: Seconds that each took to come up.
        self.startup: dict[int, float] = {}
        #: Sizes that the cell itself has asked for.
        self.lent: set[int] = set()

    def carried(self) -> int:
        """Return the bytes that went to the processes and back, of all pools so far."""
        return sum(pool.carried for pool in self._open.values())

    def of(self, count: int) -> _Pool:
        """Return the pool of this size, with all its processes up."""
        if count not in self._open:
            began = time.perf_counter()
            pool = opened(lambda: _started(count), _Pool.close, self._left)
            self._stack.callback(pool.close)
            self.startup[count] = time.perf_counter() - began
            self._open[count] = pool
        return self._open[count]

    def lend(self, max_workers: int | None = None, **_: Any) -> _Pool:
        """Stand in for the ``ProcessPoolExecutor`` that Dask makes for each compute."""
        count = max_workers or os.cpu_count() or 1
        self.lent.add(count)
        return self.of(count)


def _started(count: int) -> _Pool:
    pool = _Pool(
        count,
        mp_context=dask.multiprocessing.get_context(),
        initializer=dask.multiprocessing.initialize_worker_process,
    )
    try:
        _warm(pool, count)
    except BaseException:
        pool.close()
        raise
    return pool


def _warm(pool: ProcessPoolExecutor, count: int) -> None:
    """Have every process of a pool come up before anything is timed."""
    until = time.perf_counter() + START_UP
    seen: set[int] = set()
    while len(seen) < count and time.perf_counter() < until:
        seen.update(pool.map(_identity, [0.02] * count))


def _identity(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


def _packed(value: Any) -> int:
    """Return the bytes of the pickles in a job of :func:`dask.local.batch_execute_tasks`."""
    if isinstance(value, bytes):
        return len(value)
    return sum(map(_packed, value)) if isinstance(value, (list, tuple)) else 0

"""Runs in the kernel: tasks in threads whose results nobody takes in, as another has failed."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from dask_lens.observe import stamps

if TYPE_CHECKING:
    from dask_lens.observe.local_computation import LocalComputation


def stamped(
    computation: LocalComputation, values: dict[str, Any]
) -> Iterator[tuple[Any, stamps.Stamp]]:
    """Yield keys and stamps of tasks that ended unseen, and of those at work as if they ended.

    Parameters
    ----------
    computation
        The one that fails.
    values
        The variables of ``dask.local.get_async``.
    """
    running = set(values["state"].get("running", ()))
    if computation.erred is not None:
        running.discard(computation.erred[0])
    for key, stamp in _ended(values["queue"].queue):
        running.discard(key)
        yield key, stamp
    order, now = computation.order, time.time()
    rest = sorted(running & order.keys(), key=order.__getitem__)  # as they were sent
    at_work = sorted(
        (lane.start, ident)
        for ident, lane in list(stamps.lanes.items())
        if lane.start is not None and lane.start >= computation.start
    )
    for key, (start, ident) in zip(rest, at_work, strict=False):
        # Another thread's CPU time is not asked for: that crashes where the thread has ended.
        yield key, stamps.Stamp((None, ident, start, now, None, 0.0, None))


def _ended(futures: Iterable[Any]) -> Iterator[tuple[Any, stamps.Stamp]]:
    for future in list(futures):
        if future.done() and future.exception() is None:
            for key, result, failed in future.result():
                if not failed and type(result) is tuple and type(result[-1]) is stamps.Stamp:
                    yield key, result[-1]

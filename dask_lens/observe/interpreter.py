"""Runs in the kernel: looks now and then whether threads that compute hold the GIL.

A thread that has let go of the GIL for a moment has it again at once, unless another thread
waits for it and computes in Python: then it has to wait for as long as a thread may keep the
GIL, 5 ms by default. ``time.sleep`` lets go of it, for long enough that a thread that waits for
it has woken up. What NumPy and the like
compute without the GIL, and what sleeps, does not hold this up. Where it is not held, it is
counted now and then how many threads want a processor.

https://docs.python.org/3/library/sys.html#sys.setswitchinterval
"""

from __future__ import annotations

import sys
import threading
from collections import deque
from collections.abc import Sequence
from time import perf_counter, sleep, thread_time, time
from typing import NamedTuple

from dask_lens.observe.drainer import Drainer
from dask_lens.observe.runnable import Runnable
from dask_lens.record.task import Task

#: Seconds between two looks.
EVERY = 0.05
#: Looks from one count of threads to the next, at least, and the share of the time that counting
#: may take: many threads are counted less often.
EACH, SHARE = 2, 0.004
#: Looks that are kept: those of the last minutes.
MANY = 6_000
#: Share of the switch interval from which on it was waited for, and seconds that a thread may
#: take to come back in any case.
_MOST_OF_IT, _SOON = 0.9, 0.002
_MOMENT = 0.0001


class Looked(NamedTuple):
    """What was seen while tasks ran: see :class:`dask_lens.record.computation.Computation`."""

    looks: int = 0
    held: int = 0
    runnable: float | None = None


class Interpreter:
    """The interpreter of this process.

    Parameters
    ----------
    busy
        Set while any computation is under way.
    """

    def __init__(self, busy: threading.Event) -> None:
        self._busy = busy
        self._looks: deque[tuple[float, bool, int | None]] = deque(maxlen=MANY)
        self._runnable = Runnable()
        self._rest = 0  # looks until threads are counted again
        self._drainer: Drainer | None = None
        self._has_lock: bool = getattr(sys, "_is_gil_enabled", lambda: True)()

    def wake(self) -> None:
        """Look, from now on until nothing is under way."""
        if not self._has_lock:
            return
        drainer = self._drainer
        if drainer is None:
            drainer = self._drainer = Drainer(self._look, EVERY)
        drainer.wake()

    def stop(self) -> None:
        """Look no more until woken, and forget what was seen."""
        drainer, self._drainer = self._drainer, None
        if drainer is not None:
            drainer.stop()
        self._looks.clear()

    def _look(self) -> bool:
        began = perf_counter()
        sleep(_MOMENT)
        took = perf_counter() - began
        held = took > max(_MOST_OF_IT * sys.getswitchinterval(), _SOON)
        self._looks.append((time(), held, None if held else self._count()))
        return self._busy.is_set()

    def _count(self) -> int | None:
        if self._rest > 1:
            self._rest -= 1
            return None
        began = thread_time()
        counted = self._runnable.count()
        self._rest = max(EACH, round((thread_time() - began) / (SHARE * EVERY)))
        return counted

    def told_of(self, tasks: Sequence[Task]) -> Looked:
        """Return what was seen while tasks ran.

        Parameters
        ----------
        tasks
            Tasks that ran in threads of this process, by start.
        """
        if not tasks:
            return Looked()
        start, stop = tasks[0].start, max(task.stop for task in tasks)
        seen = [look for look in list(self._looks) if start <= look[0] <= stop]
        counts = [count for _, _, count in seen if count is not None]
        mean = sum(counts) / len(counts) if counts else None
        return Looked(len(seen), sum(held for _, held, _ in seen), mean)

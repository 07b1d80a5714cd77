"""The threads of a replay: jobs in, the times at which they end out.

Here there are processors for all, and no lock to share; else see :mod:`dask_lens.metrics.turns`.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence

from dask_lens.metrics.setup import Setup


class Lanes:
    """Threads with a processor for each, and no lock to share.

    Parameters
    ----------
    setup
        How many.
    off, cpu
        Seconds of each task off and on the CPU.
    held
        Share of the CPU seconds in which the GIL is held.
    boot
        Seconds until a new process takes its first job; processes are started when there are
        jobs and no idle ones, the others' threads are there.
    between
        Seconds of a thread after each task.
    """

    #: Whether times include the sharing of what is short.
    exact = False

    def __init__(
        self,
        setup: Setup,
        off: Sequence[float],
        cpu: Sequence[float],
        *,
        held: float = 1.0,
        boot: float = 0.0,
        between: float = 0.0,
    ) -> None:
        self.setup, self.slots, self.held = setup, setup.slots, held
        self.boot, self.between = boot, between
        self.first = float("inf")
        self.jobs = 0
        self.booted = 0 if setup.scheduler == "processes" else setup.slots
        self.seconds = [a + b for a, b in zip(off, cpu, strict=True)]
        self.free = [0.0] * self.booted
        self._ends: list[tuple[float, int, list[int], float]] = []
        self._number = 0

    def start(self, sent: float, arrives: float, batch: list[int]) -> None:
        """Take a job in."""
        free = self.free
        if self.booted < self.slots and (not free or free[0] > arrives):
            self.booted += 1
            heapq.heappush(free, arrives + self.boot)
        begin = max(arrives, free[0])
        self.first = min(self.first, begin)
        seconds = self.seconds
        stop = begin + seconds[batch[0]]
        for task in batch[1:] if len(batch) > 1 else ():
            stop += self.between + seconds[task]
        heapq.heapreplace(free, stop + self.between)
        self.jobs += 1
        heapq.heappush(self._ends, (stop, self._number, batch, sent))
        self._number += 1

    def next(self) -> tuple[float, list[int], float]:
        """Return when the next job ends, its tasks, and when it was sent."""
        stop, _, batch, sent = heapq.heappop(self._ends)
        self.jobs -= 1
        return stop, batch, sent

"""Runs in the kernel: what the tasks of a large local computation add up to."""

from __future__ import annotations

from time import time
from typing import Any

from dask_lens.observe.bins import ALIVE, Bins
from dask_lens.record.timeline import Timeline


class Crowd:
    """Adds up tasks as they come back, beyond the number that is kept and from the first on.

    Parameters
    ----------
    start
        When the computation began.
    state
        The scheduler's: what is ready, and what runs.
    """

    def __init__(self, start: float, state: dict[str, Any]) -> None:
        self.ran = 0
        self.busy = 0.0
        self.cpu: float | None = 0.0
        self.moved = 0.0
        self._bins = Bins(start)
        self._changed = start
        self._ready, self._running = state["ready"], state["running"]
        self._alive = len(self._ready)

    def add(self, stamp: tuple[Any, ...]) -> None:
        """Take in a task that came back to the scheduler."""
        now = time()
        bins = self._bins
        # What is ready and what runs changes only where tasks come back.
        bins.add(ALIVE, self._changed, now, self._alive)
        self._changed = now
        self._alive = len(self._ready) + len(self._running)
        _, _, start, stop, cpu, movement, *_ = stamp
        bins.ran(start, stop, movement)
        self.ran += 1
        self.busy += stop - start
        self.moved += movement
        self.cpu = None if self.cpu is None or cpu is None else self.cpu + cpu

    def timeline(self) -> Timeline:
        """Return the sums over time."""
        fields = self._bins.timeline()
        for name in ("busy", "moving", "runnable"):
            fields[name] = tuple(fields[name])
        return Timeline(**fields, cpu=self.cpu)

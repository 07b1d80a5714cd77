"""Runs in the kernel and, sent by value, on schedulers: an exact timeline in bounded memory."""

from __future__ import annotations

from typing import Any

#: Bins of a timeline; when they are full, each takes in its neighbour.
BINS = 256
#: Seconds of a bin to begin with.
WIDTH = 0.01

BUSY, MOVING, ALIVE = range(3)


class Bins:
    """Adds up intervals by bins of time, in constant time for each.

    An interval that covers many bins is noted at its ends only: how much of the first and the
    last bin it covers, and by how much the level changes from there on.

    Parameters
    ----------
    start
        Where the first bin begins, seconds since the epoch.
    """

    def __init__(self, start: float) -> None:
        self.start = start
        self.width = WIDTH
        self.last_start = start
        self.last_stop = start
        self._parts = [[0.0] * (BINS + 1) for _ in range(3)]
        self._steps = [[0.0] * (BINS + 1) for _ in range(3)]

    def ran(self, start: float, stop: float, movement: float) -> None:
        """Add a task.

        Parameters
        ----------
        start, stop
            When it ran.
        movement
            Seconds before, in which its thread waited for its data.
        """
        self.add(BUSY, start, stop)
        if movement > 0:
            self.add(MOVING, start - movement, start)
        self.last_start = max(self.last_start, start)
        self.last_stop = max(self.last_stop, stop)

    def add(self, kind: int, start: float, stop: float, weight: float = 1.0) -> None:
        """Add an interval; what is before the first bin is cut off."""
        while stop - self.start >= BINS * self.width:
            self._double()
        first = max((start - self.start) / self.width, 0.0)
        last = max((stop - self.start) / self.width, 0.0)
        parts, steps = self._parts[kind], self._steps[kind]
        i, j = int(first), int(last)
        parts[i] += weight * (i + 1 - first)
        steps[i + 1] += weight
        parts[j] -= weight * (j + 1 - last)
        steps[j + 1] -= weight

    def _double(self) -> None:
        for kind in range(3):
            seconds = self._covered(kind)
            halves = [(seconds[i] + seconds[i + 1]) / 2 for i in range(0, BINS, 2)]
            self._parts[kind] = [*halves, *[0.0] * (BINS + 1 - len(halves))]
            self._steps[kind] = [0.0] * (BINS + 1)
        self.width *= 2

    def _covered(self, kind: int) -> list[float]:
        """Return how much of each bin is covered, in bins."""
        level = 0.0
        covered = []
        for part, step in zip(self._parts[kind], self._steps[kind], strict=True):
            level += step
            covered.append(part + level)
        return covered

    def timeline(self) -> dict[str, Any]:
        """Return the fields of a :class:`dask_lens.record.timeline.Timeline`."""
        used = min(int((self.last_stop - self.start) / self.width) + 1, BINS)
        busy, moving, alive = (
            [round(max(value, 0.0) * self.width, 6) for value in self._covered(kind)[:used]]
            for kind in range(3)
        )
        runnable = (a - b - m for a, b, m in zip(alive, busy, moving, strict=True))
        return {
            "start": self.start,
            "width": self.width,
            "busy": busy,
            "moving": moving,
            "runnable": [round(max(value, 0.0), 6) for value in runnable],
            "last_start": self.last_start,
            "last_stop": self.last_stop,
        }

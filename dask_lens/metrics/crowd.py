"""How many of some tasks ran at each moment."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, pairwise

from dask_lens.record.task import Task


class Crowd:
    """Tasks, counted over time.

    Parameters
    ----------
    tasks
        With their measured times; none of no length.
    """

    def __init__(self, tasks: Sequence[Task]) -> None:
        steps = sorted([(t.start, 1) for t in tasks] + [(t.stop, -1) for t in tasks])
        self.times = [when for when, _ in steps]
        self.counts = list(accumulate(change for _, change in steps))
        widths = [b - a for a, b in pairwise(self.times)]
        self.widths = widths
        areas = (width * count for width, count in zip(widths, self.counts, strict=False))
        self.areas = [0.0, *accumulate(areas)]

    def integral(self) -> float:
        """Seconds times tasks."""
        return self.areas[-1]

    def seconds(self, least: int, most: int | None = None) -> float:
        """Seconds in which so many ran."""
        most = least if most is None else most
        counted = zip(self.widths, self.counts, strict=False)
        return sum(width for width, count in counted if least <= count <= most)

    def around(self, task: Task) -> float:
        """How many ran while this one did, itself included, on average."""
        return (self._until(task.stop) - self._until(task.start)) / task.duration

    def _until(self, when: float) -> float:
        at = bisect_right(self.times, when) - 1
        return self.areas[at] + self.counts[at] * (when - self.times[at])

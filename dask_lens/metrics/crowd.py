"""How many of some tasks ran at each moment."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from operator import mul, sub

from dask_lens.record.task import Task


class Crowd:
    """Tasks, counted over time.

    Parameters
    ----------
    tasks
        With their measured times; none of no length.
    """

    def __init__(self, tasks: Sequence[Task]) -> None:
        self._seconds = [task.stop - task.start for task in tasks]
        times = [task.start for task in tasks] + [task.stop for task in tasks]
        order = sorted(range(len(times)), key=times.__getitem__)
        begun = len(tasks)
        counts = list(accumulate([1 if i < begun else -1 for i in order]))
        moments = [times[i] for i in order]
        widths = list(map(sub, moments[1:], moments))
        self._seconds_of: dict[int, float] = {}
        for width, count in zip(widths, counts, strict=False):
            self._seconds_of[count] = self._seconds_of.get(count, 0.0) + width
        areas = accumulate(map(mul, widths, counts), initial=0.0)
        self._until = [0.0] * len(times)
        for i, area in zip(order, areas, strict=False):  # of no tasks, there is one area
            self._until[i] = area

    def integral(self) -> float:
        """Seconds times tasks."""
        return max(self._until, default=0.0)

    def seconds(self, least: int, most: int | None = None) -> float:
        """Seconds in which so many ran."""
        most = least if most is None else most
        found = self._seconds_of.items()
        return sum((seconds for count, seconds in found if least <= count <= most), 0.0)

    def around(self) -> list[float]:
        """How many ran while each did, itself included, on average."""
        begun = len(self._seconds)
        begins, ends = self._until[:begun], self._until[begun:]
        return [
            (end - begin) / long
            for begin, end, long in zip(begins, ends, self._seconds, strict=True)
        ]

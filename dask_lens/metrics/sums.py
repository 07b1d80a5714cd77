"""The budget of a run that is too large to keep its tasks, from what they add up to."""

from __future__ import annotations

from itertools import pairwise

from dask_lens.metrics.accounts import Budget
from dask_lens.metrics.capacity import Steps
from dask_lens.record.timeline import Timeline


def budget_of_timeline(timeline: Timeline, available: Steps) -> Budget:
    """Account for every thread-second, bin by bin.

    Parameters
    ----------
    timeline
        What the tasks add up to.
    available
        The threads there were, from the start of the computation to its end.
    """
    start, stop = available[0][0], available[-1][0]
    total = Budget()
    first, last = timeline.start, timeline.last_stop
    for i, (busy, moving, runnable) in enumerate(
        zip(timeline.busy, timeline.moving, timeline.runnable, strict=True)
    ):
        begin = first + i * timeline.width
        end = min(begin + timeline.width, last)
        seconds = _thread_seconds(available, begin, end)
        late = _clip((end - timeline.last_start) / (end - begin), 0, 1) if end > begin else 0.0
        total += _bin(seconds, busy, moving, runnable, late)
    total = _split(total, timeline)
    around = _thread_seconds(available, start, first) + _thread_seconds(available, last, stop)
    return total + Budget(total=around, client=around)


def _bin(seconds: float, busy: float, moving: float, runnable: float, late: float) -> Budget:
    inside = min(busy, seconds)
    moved = min(moving, seconds - inside)
    idle = seconds - inside - moved
    starved = min(idle, runnable)
    rest = idle - starved
    return Budget(
        total=seconds,
        cpu=inside,
        movement=moved,
        scheduling=starved,
        dependencies=rest * (1 - late),
        tail=rest * late,
    )


def _split(total: Budget, timeline: Timeline) -> Budget:
    """Tell time on the CPU from time off it."""
    busy = sum(timeline.busy)
    if timeline.cpu is None or busy <= 0:
        return total
    waiting = total.cpu * (1 - _clip(timeline.cpu / busy, 0, 1))
    return total + Budget(cpu=-waiting, waiting=waiting)


def _thread_seconds(available: Steps, start: float, stop: float) -> float:
    return sum(
        max(min(after, stop) - max(when, start), 0.0) * threads
        for (when, threads), (after, _) in pairwise(available)
    )


def _clip(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)

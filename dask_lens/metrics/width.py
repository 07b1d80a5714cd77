"""The width of a graph over time: how many tasks ran, and how many more could have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from dask_lens.metrics.ready import ready_times
from dask_lens.record.computation import Computation

#: Stretches of time that a run is cut into.
POINTS = 100


@dataclass(frozen=True)
class Width:
    """Tasks over time, in stretches of equal length from when a computation was asked for.

    Parameters
    ----------
    step
        Seconds of each stretch.
    running
        Tasks that ran, on average over each stretch.
    ready
        Tasks that could have run and did not, on average over each stretch.
    most
        Most tasks that ran or could have run at one time.
    """

    step: float
    running: tuple[float, ...]
    ready: tuple[float, ...]
    most: int


def width(computation: Computation) -> Width | None:
    """Measure the width of a computation's graph over its time.

    Parameters
    ----------
    computation
        One that is over.

    Returns
    -------
    Width or None
        None where nothing ran, or not every task and edge is known.
    """
    c = computation
    if c.stop is None or c.graph is None or c.n_tasks > len(c.tasks) or not c.tasks:
        return None
    step = (c.stop - c.begin) / POINTS
    if step <= 0:
        return None
    able = ready_times([c])
    # A task that could run is ready until it starts, and then runs until it stops.
    moments = [
        [
            task.start if ready is None or ready > task.start else ready
            for task, ready in zip(c.tasks, able, strict=True)
        ],
        [task.start for task in c.tasks],
        [task.stop for task in c.tasks],
    ]
    begins, starts, stops = (_open_after(times, c.begin, step) for times in moments)
    return Width(
        step,
        tuple(round(max(a - b, 0.0), 3) for a, b in zip(starts, stops, strict=True)),
        tuple(round(max(a - b, 0.0), 3) for a, b in zip(begins, starts, strict=True)),
        _most(moments[0], moments[2]),
    )


def _open_after(times: Sequence[float], start: float, step: float) -> list[float]:
    """Return how many of the times are past, on average over each stretch."""
    whole = [0] * POINTS  # past for all of the stretches after this one
    part = [0.0] * POINTS  # past for this part of this one
    last = POINTS - 1
    for when in times:
        at = (when - start) / step
        if 0.0 <= at < POINTS:
            stretch = int(at)
            whole[stretch] += 1
            part[stretch] += stretch + 1 - at
        elif at < 0.0:
            whole[0] += 1
            part[0] += 1.0
        else:
            whole[last] += 1
    return [part[i] + before for i, before in enumerate(accumulate([0, *whole[:-1]]))]


def _most(begins: list[float], stops: list[float]) -> int:
    there = [(begin, stop) for begin, stop in zip(begins, stops, strict=True) if stop > begin]
    begins, stops = sorted([begin for begin, _ in there]), sorted([stop for _, stop in there])
    most = over = 0
    for begun, begin in enumerate(begins, 1):
        while stops[over] <= begin:
            over += 1
        most = max(most, begun - over)
    return most

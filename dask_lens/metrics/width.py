"""The width of a graph over time: how many tasks ran, and how many more could have."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from dask_lens.metrics.once import once
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


@once
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
    # A task that could run is ready until it starts, and then runs until it stops.
    begin = c.begin
    able = [
        task.start - begin if ready is None or ready > task.start else ready - begin
        for task, ready in zip(c.tasks, ready_times([c]), strict=True)
    ]
    stops = [task.stop - begin for task in c.tasks]
    most = _most(
        sorted([when for when, stop in zip(able, stops, strict=True) if stop > when]),
        sorted([stop for when, stop in zip(able, stops, strict=True) if stop > when]),
    )
    moments = (able, [task.start - begin for task in c.tasks], stops)
    begun, started, stopped = (_open_after(times, step) for times in moments)
    return Width(
        step,
        tuple(round(max(a - b, 0.0), 3) for a, b in zip(started, stopped, strict=True)),
        tuple(round(max(a - b, 0.0), 3) for a, b in zip(begun, started, strict=True)),
        most,
    )


def _open_after(times: Sequence[float], step: float) -> list[float]:
    """Return how many of the times are past, on average over each stretch."""
    times = sorted([when if when > 0 else 0.0 for when in times])
    sums = [0.0, *accumulate(times)]
    past, found = 0, []
    for stretch in range(1, POINTS + 1):
        until = bisect_left(times, stretch * step, lo=past)
        whole = until - past
        found.append(past + whole * stretch - (sums[until] - sums[past]) / step)
        past = until
    return found


def _most(begins: Sequence[float], stops: Sequence[float]) -> int:
    most = over = 0
    for begun, begin in enumerate(begins, 1):
        while stops[over] <= begin:
            over += 1
        most = max(most, begun - over)
    return most

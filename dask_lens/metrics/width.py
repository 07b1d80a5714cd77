"""The width of a graph over time: how many tasks ran, and how many more could have."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dask_lens.metrics.ready import ready_times
from dask_lens.record.computation import Computation

#: Stretches of time that a run is cut into.
POINTS = 100


@dataclass(frozen=True)
class Width:
    """Tasks over time, in stretches of equal length from the start of a computation.

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
    step = (c.stop - c.start) / POINTS
    if step <= 0:
        return None
    able = ready_times([c])
    ready = [(min(able.get(t.key, t.start), t.start), t.start) for t in c.tasks]
    running = [(t.start, t.stop) for t in c.tasks]
    there = [(begin, task.stop) for (begin, _), task in zip(ready, c.tasks, strict=True)]
    return Width(
        step,
        _averages(running, c.start, step),
        _averages(ready, c.start, step),
        _most(there),
    )


def _averages(spans: Iterable[tuple[float, float]], start: float, step: float) -> tuple[float, ...]:
    """Return how many of the spans are open, on average over each stretch."""
    # What a span adds up to, from its begin on, grows with time and stops growing at its end.
    slope = [0.0] * (POINTS + 1)  # open from the next stretch on
    partial = [0.0] * (POINTS + 1)  # open for a part of this stretch
    for begin, end in spans:
        for when, sign in ((begin, 1.0), (end, -1.0)):
            at = min(max((when - start) / step, 0.0), POINTS)
            bin_ = min(int(at), POINTS - 1)
            partial[bin_] += sign * (bin_ + 1 - at)
            slope[bin_ + 1] += sign
    averages = []
    now = 0.0
    for bin_ in range(POINTS):
        now += slope[bin_]
        averages.append(round(max(now + partial[bin_], 0.0), 3))
    return tuple(averages)


def _most(spans: Iterable[tuple[float, float]]) -> int:
    steps = sorted([*((b, 1) for b, e in spans if e > b), *((e, -1) for b, e in spans if e > b)])
    most = now = 0
    for _, change in steps:
        now += change
        most = max(most, now)
    return most

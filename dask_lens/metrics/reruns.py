"""Tasks that ran more than once: they were retried, or their worker or result was lost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dask_lens.metrics.ready import ran
from dask_lens.record.computation import Computation
from dask_lens.record.task import Task


@dataclass(frozen=True)
class Reruns:
    """What ran besides one run of each task.

    Parameters
    ----------
    count
        Attempts that were followed by another one, and runs for what an earlier computation had
        made and then was lost.
    seconds
        How long they took.
    """

    count: int
    seconds: float


def reruns(computations: Iterable[Computation]) -> Reruns:
    """Count what ran more than once, without being asked for again."""
    again = [task for c in computations if ran_again(c) for task in _besides(c)]
    return Reruns(len(again), sum(task.duration for task in again))


def ran_again(c: Computation) -> bool:
    """Whether anything ran besides one run of each task."""
    known = ran(c)
    return len(c.tasks) > len(known) - known.count(None) if known else bool(_besides(c))


def seconds_of(c: Computation) -> list[float]:
    """Return how long the tasks of a computation's graph ran, all attempts together."""
    seconds = [task.stop - task.start if task else 0.0 for task in ran(c)]
    if c.graph is not None and ran_again(c):
        index = {key: i for i, key in enumerate(c.graph.keys)}
        for task in _besides(c):
            if task.key in index:
                seconds[index[task.key]] += task.duration
    return seconds


def _besides(c: Computation) -> list[Task]:
    last = {task.key: task for task in c.tasks}
    own = last.keys() if c.graph is None else set(c.graph.keys)
    return [task for task in c.tasks if last[task.key] is not task or task.key not in own]

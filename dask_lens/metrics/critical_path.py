"""The longest chain of tasks: no number of threads makes a run shorter than it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from dask_lens.metrics.once import once
from dask_lens.metrics.ready import ran
from dask_lens.metrics.reruns import seconds_of
from dask_lens.record.cell import Place
from dask_lens.record.computation import Computation
from dask_lens.record.graph import Graph
from dask_lens.record.task import Task


class Link(NamedTuple):
    """One task of the longest chain.

    Parameters
    ----------
    key
        Its key as text.
    task
        How it ran; None for one that did not, such as one whose result was there already.
    place
        The call that put it into the graph; None where that could not be told.
    duration
        Seconds that it ran, all attempts together.
    """

    key: str
    task: Task | None
    place: Place | None
    duration: float


@dataclass(frozen=True)
class Chain:
    """The longest chain of a computation's tasks, by measured durations.

    Parameters
    ----------
    span
        Seconds that it takes (Tinf).
    links
        Its tasks, first to last.
    """

    span: float
    links: tuple[Link, ...]


@once
def critical_path(computation: Computation) -> Chain | None:
    """Return the longest chain of tasks.

    Returns
    -------
    Chain or None
        None where the graph is unknown, or a task of it was not kept.
    """
    graph = computation.graph
    if graph is None or computation.n_tasks > len(computation.tasks) or not graph.keys:
        return None
    tasks = ran(computation)
    seconds = seconds_of(computation)
    longest, chain = _longest(graph, seconds)
    links = [Link(graph.keys[i], tasks[i], graph.place_of(i), seconds[i]) for i in chain]
    return Chain(longest, tuple(links))


def _longest(graph: Graph, seconds: list[float]) -> tuple[float, list[int]]:
    ends = [0.0] * len(graph.keys)
    before = [-1] * len(graph.keys)
    for task in graph.order():
        needs = graph.dependencies[task]
        if needs:
            last = needs[0] if len(needs) == 1 else max(needs, key=ends.__getitem__)
            before[task] = last
            ends[task] = ends[last] + seconds[task]
        else:
            ends[task] = seconds[task]
    longest = max(ends)
    last = ends.index(longest)
    chain = []
    while last >= 0:
        chain.append(last)
        last = before[last]
    return longest, chain[::-1]

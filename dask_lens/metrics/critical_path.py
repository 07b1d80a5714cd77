"""The longest chain of tasks: no number of threads makes a run shorter than it."""

from __future__ import annotations

from dask_lens.record.computation import Computation
from dask_lens.record.graph import Graph


def critical_path(computation: Computation) -> tuple[str, ...] | None:
    """Return the keys of the longest chain, first to last, by measured durations.

    Returns
    -------
    tuple of str or None
        None where the graph is unknown, or a task of it was not kept.
    """
    chain = _longest_chain(computation)
    return None if chain is None else chain[1]


def span(computation: Computation) -> float | None:
    """Return the seconds of the longest chain (Tinf); None where it is not known."""
    chain = _longest_chain(computation)
    return None if chain is None else chain[0]


def _longest_chain(computation: Computation) -> tuple[float, tuple[str, ...]] | None:
    graph = computation.graph
    if graph is None or computation.n_tasks > len(computation.tasks) or not graph.keys:
        return None
    durations = {task.key: task.duration for task in computation.tasks}
    ends: list[float] = [0.0] * len(graph.keys)
    before: list[int] = [-1] * len(graph.keys)
    for i in topological(graph):
        dependencies = graph.dependencies[i]
        if dependencies:
            before[i] = max(dependencies, key=ends.__getitem__)
            ends[i] = ends[before[i]]
        ends[i] += durations.get(graph.keys[i], 0.0)
    last = max(range(len(ends)), key=ends.__getitem__)
    longest = ends[last]
    chain = []
    while last >= 0:
        chain.append(graph.keys[last])
        last = before[last]
    return longest, tuple(reversed(chain))


def topological(graph: Graph) -> list[int]:
    """Return indices of the graph's tasks so that each comes after all it waits for."""
    waiting = [len(set(d)) for d in graph.dependencies]
    dependents: list[list[int]] = [[] for _ in graph.keys]
    for i, dependencies in enumerate(graph.dependencies):
        for j in set(dependencies):
            dependents[j].append(i)
    ready = [i for i, count in enumerate(waiting) if not count]
    for i in ready:  # grows while it is walked
        for j in dependents[i]:
            waiting[j] -= 1
            if not waiting[j]:
                ready.append(j)
    return ready

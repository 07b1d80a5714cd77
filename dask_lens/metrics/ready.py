"""When tasks could have started, had there been a thread for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dask_lens.metrics.once import once
from dask_lens.record.computation import Computation
from dask_lens.record.graph import Graph
from dask_lens.record.task import Task


@once
def ran(c: Computation) -> list[Task | None]:
    """Return for each key of the graph its task; None for one that did not run."""
    if c.graph is None:
        return []
    tasks = {task.key: task for task in c.tasks}
    return [tasks.get(key) for key in c.graph.keys]


@once
def dependents_of(graph: Graph) -> list[Sequence[int]]:
    """Return for each key of a graph the indices of the tasks that wait for it."""
    return graph.dependents()


def ready_times(group: Sequence[Computation]) -> list[float | None]:
    """Return when each task could have started: all it waits for was done, its graph was there.

    Parameters
    ----------
    group
        Computations; edges between them count.

    Returns
    -------
    list of float or None
        For the tasks of each in turn, as they stand there; None where it is not known.
    """
    if len(group) == 1:
        return _alone(group[0])
    stops = {task.key: task.stop for c in group for task in c.tasks}
    return [ready for c in group for ready in _ready(c, stops)]


@once
def _alone(c: Computation) -> list[float | None]:
    return _ready(c, None)


def _ready(c: Computation, stops: Mapping[str, float] | None) -> list[float | None]:
    told = [task.ready for task in c.tasks]
    if c.graph is None or None not in told:
        return told
    able = _by_graph(c, c.graph, stops)
    return [
        able.get(task.key) if ready is None else ready
        for task, ready in zip(c.tasks, told, strict=True)
    ]


def _by_graph(c: Computation, graph: Graph, stops: Mapping[str, float] | None) -> dict[str, float]:
    """Return by key when all that a task waits for was done; ``stops`` are those of a group."""
    start = c.start
    if stops is None:
        ends = [start if task is None else task.stop for task in ran(c)]
    else:
        ends = [stops.get(key, start) for key in graph.keys]
    ready = dict.fromkeys(graph.keys, start)
    for key, needs in zip(graph.keys, graph.dependencies, strict=True):
        if needs:
            latest = ends[needs[0]] if len(needs) == 1 else max([ends[need] for need in needs])
            if latest > start:
                ready[key] = latest
    if graph.outside:
        known = {task.key: task.stop for task in c.tasks} if stops is None else stops
        for key, other in graph.outside:
            ready[key] = max(ready[key], known.get(other, start))
    return ready


def in_the_way(c: Computation) -> list[Task]:
    """Return the tasks that waited longest for a thread, and those that ran there before.

    Parameters
    ----------
    c
        A computation with at least one task, by start.
    """
    able = [c.start if ready is None else ready for ready in ready_times([c])]
    waits = [task.start - task.movement - ready for task, ready in zip(c.tasks, able, strict=True)]
    least = max(waits) / 2
    chosen = set()
    latest: dict[tuple[str, int], Task] = {}
    for task, wait, ready in zip(c.tasks, waits, able, strict=True):
        before = latest.get((task.worker, task.thread))
        if wait >= least:
            chosen.add(task.key)
            if before is not None and before.stop > ready:
                chosen.add(before.key)
        latest[task.worker, task.thread] = task
    return [task for task in c.tasks if task.key in chosen]

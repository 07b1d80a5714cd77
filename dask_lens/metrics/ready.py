"""When tasks could have started, had there been a thread for each."""

from __future__ import annotations

from collections.abc import Sequence

from dask_lens.record.computation import Computation
from dask_lens.record.task import Task


def ready_times(group: Sequence[Computation]) -> dict[str, float]:
    """Return when each task could have started: all it waits for was done, its graph was there.

    Parameters
    ----------
    group
        Computations; edges between them count.
    """
    stops = {task.key: task.stop for c in group for task in c.tasks}
    ready = {}
    for c in group:
        if c.graph is None:
            continue
        keys, start = c.graph.keys, c.start
        ends = [stops.get(key, start) for key in keys]
        for key, needs in zip(keys, c.graph.dependencies, strict=True):
            if needs:
                latest = max([ends[need] for need in needs])
                ready[key] = max(start, latest)
            else:
                ready[key] = start
        for key, other in c.graph.outside:
            if other in stops:
                ready[key] = max(ready[key], stops[other])
    told = {task.key: task.ready for c in group for task in c.tasks if task.ready is not None}
    return ready | told


def in_the_way(c: Computation) -> list[Task]:
    """Return the tasks that waited longest for a thread, and those that ran there before.

    Parameters
    ----------
    c
        A computation with at least one task, by start.
    """
    able = ready_times([c])
    waits = {
        task.key: task.start - task.movement - able.get(task.key, c.start) for task in c.tasks
    }
    least = max(waits.values()) / 2
    chosen = set()
    latest: dict[tuple[str, int], Task] = {}
    for task in c.tasks:
        before = latest.get((task.worker, task.thread))
        if waits[task.key] >= least:
            chosen.add(task.key)
            if before is not None and before.stop > able.get(task.key, c.start):
                chosen.add(before.key)
        latest[task.worker, task.thread] = task
    return [task for task in c.tasks if task.key in chosen]

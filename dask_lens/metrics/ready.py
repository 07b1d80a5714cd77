"""When tasks could have started, had there been a thread for each."""

from __future__ import annotations

from collections.abc import Sequence

from dask_lens.record.computation import Computation


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
                ready[key] = latest if latest > start else start
            else:
                ready[key] = start
        for key, other in c.graph.outside:
            if other in stops:
                ready[key] = max(ready[key], stops[other])
    return ready

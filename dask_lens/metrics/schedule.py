"""How soon a graph could be done: a schedule that never leaves a thread idle without need."""

from __future__ import annotations

import heapq
from collections.abc import Sequence

from dask_lens.metrics.ready import dependents_of
from dask_lens.record.graph import Graph


def makespan(
    graph: Graph,
    threads: int,
    seconds: Sequence[float],
    release: Sequence[float] | None = None,
) -> float:
    """Return when the last task ends if each starts as soon as it can, in order of priority.

    Parameters
    ----------
    graph
        What waits for what; keys in order of priority.
    threads
        Tasks that can run at once.
    seconds
        How long each task runs, as in ``graph.keys``.
    release
        When each can start at the earliest; None: at 0.
    """
    if release is None and not any(graph.dependencies):
        return _side_by_side(seconds, threads)
    waiting = [
        len(needs) if len(needs) < 2 else len(set(needs))  # noqa: PLR2004 - may repeat
        for needs in graph.dependencies
    ]
    dependents = dependents_of(graph)
    earliest = [0.0] * len(graph.keys) if release is None else release
    free = [task for task, count in enumerate(waiting) if not count]
    ready = [task for task in free if earliest[task] <= 0]
    later = [(earliest[task], task) for task in free if earliest[task] > 0]
    heapq.heapify(later)
    running: list[tuple[float, int]] = []
    now = 0.0
    while running or later or ready:
        while later and later[0][0] <= now:
            heapq.heappush(ready, heapq.heappop(later)[1])
        while ready and len(running) < threads:
            task = heapq.heappop(ready)
            heapq.heappush(running, (now + seconds[task], task))
        if running and (len(running) == threads or not later or running[0][0] <= later[0][0]):
            now, done = heapq.heappop(running)
            for task in dependents[done]:
                waiting[task] -= 1
                if waiting[task]:
                    continue
                if earliest[task] <= now:
                    heapq.heappush(ready, task)
                else:
                    heapq.heappush(later, (earliest[task], task))
        elif later:
            now = later[0][0]
    return now


def _side_by_side(seconds: Sequence[float], threads: int) -> float:
    free = [0.0] * threads
    for took in seconds:
        heapq.heapreplace(free, free[0] + took)
    return max(free)

"""How soon a graph could be done: a schedule that never leaves a thread idle without need."""

from __future__ import annotations

import heapq
from collections.abc import Sequence

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
    waiting = [len(set(needs)) for needs in graph.dependencies]
    dependents = graph.dependents()
    earliest = [0.0] * len(graph.keys) if release is None else release
    later = [(earliest[task], task) for task, count in enumerate(waiting) if not count]
    heapq.heapify(later)
    ready: list[int] = []
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
                if not waiting[task]:
                    heapq.heappush(later, (max(earliest[task], now), task))
        elif later:
            now = later[0][0]
    return now


def _side_by_side(seconds: Sequence[float], threads: int) -> float:
    free = [0.0] * threads
    for took in seconds:
        heapq.heapreplace(free, free[0] + took)
    return max(free)

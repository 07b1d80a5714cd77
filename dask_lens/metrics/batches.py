"""How the local schedulers' batches place tasks: a replay of their fire loop.

``dask.local.get_async`` takes ready tasks off a stack and hands them to its pool in jobs of up
to ``chunksize`` tasks, which a worker runs one after another. The loop is repeated here on
durations instead of work: https://github.com/dask/dask/blob/2026.8.0/dask/local.py#L488
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from dask_lens.record.graph import Graph


@dataclass(frozen=True)
class Replay:
    """What the fire loop would make of a graph.

    Parameters
    ----------
    makespan
        From the start of the first task to the end of the last, in the durations' unit.
    parallelism
        Tasks running at once, on average over the makespan; 0 for a graph without work.
    workers
        Most workers that were busy at the same time.
    """

    makespan: float
    parallelism: float
    workers: int


def replay(
    graph: Graph,
    *,
    workers: int,
    chunksize: int,
    durations: Sequence[float] | None = None,
) -> Replay:
    """Run a graph through the fire loop, without start-up and without overhead.

    Parameters
    ----------
    graph
        The graph as the scheduler ran it.
    workers
        Workers in the pool.
    chunksize
        Tasks per pool job.
    durations
        Seconds of each task, as in ``graph.keys``; None: one for each.

    Raises
    ------
    ValueError
        When ``workers`` or ``chunksize`` is below one, durations do not fit the graph, or the
        graph has a cycle.
    """
    if workers < 1 or chunksize < 1:
        raise ValueError(
            f"a replay needs a worker and a task per batch, got {workers=}, {chunksize=}"
        )
    seconds = [1.0] * len(graph.keys) if durations is None else durations
    if len(seconds) != len(graph.keys):
        raise ValueError(f"{len(seconds)} durations for {len(graph.keys)} tasks")
    loop = _Loop(graph, seconds, workers, chunksize)
    loop.run()
    if loop.done != len(graph.keys):
        raise ValueError(f"{len(graph.keys) - loop.done} tasks wait for each other in a cycle")
    work = sum(seconds)
    return Replay(loop.now, work / loop.now if loop.now else 0.0, loop.most_busy)


class _Loop:
    """The state of ``get_async`` and of its pool."""

    def __init__(
        self, graph: Graph, seconds: Sequence[float], workers: int, chunksize: int
    ) -> None:
        self.seconds = seconds
        self.workers = workers
        self.chunksize = chunksize
        self.waiting = [len(set(needs)) for needs in graph.dependencies]
        self.dependents: list[list[int]] = [[] for _ in graph.keys]
        for task, needs in enumerate(graph.dependencies):
            for need in set(needs):
                self.dependents[need].append(task)
        # A stack: the task with the best priority is taken first, from the end.
        self.ready = [task for task in reversed(range(len(graph.keys))) if not self.waiting[task]]
        self.running = 0
        self.done = 0
        self.now = 0.0
        self.busy: list[tuple[float, int, list[int]]] = []
        self.queued: deque[list[int]] = deque()
        self.jobs = 0
        self.most_busy = 0

    def run(self) -> None:
        while True:
            self.fire()
            if not self.busy:
                return
            self.now, _, batch = heapq.heappop(self.busy)
            if self.queued:
                self.start(self.queued.popleft())
            for task in batch:
                self.finish(task)

    def fire(self) -> None:
        # Workers are counted by running tasks, not by jobs, so a pool may get more jobs than
        # it has workers; those queue.
        used = -(self.running // -self.chunksize)
        count = min(len(self.ready), self.chunksize * max(self.workers - used, 0))
        taken = [self.ready.pop() for _ in range(count)]
        self.running += count
        for first in range(0, count, self.chunksize):
            batch = taken[first : first + self.chunksize]
            if len(self.busy) < self.workers:
                self.start(batch)
            else:
                self.queued.append(batch)

    def start(self, batch: list[int]) -> None:
        stop = self.now + sum(self.seconds[task] for task in batch)
        heapq.heappush(self.busy, (stop, self.jobs, batch))
        self.jobs += 1
        self.most_busy = max(self.most_busy, len(self.busy))

    def finish(self, task: int) -> None:
        self.running -= 1
        self.done += 1
        for dependent in reversed(self.dependents[task]):
            self.waiting[dependent] -= 1
            if not self.waiting[dependent]:
                self.ready.append(dependent)

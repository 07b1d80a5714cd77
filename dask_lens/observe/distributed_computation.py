"""Runs in the kernel: one computation of a distributed scheduler, as its plugin tells it."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from dask.utils import key_split

from dask_lens import config
from dask_lens.observe.tasks import make_task
from dask_lens.record.cluster import Worker
from dask_lens.record.computation import Computation
from dask_lens.record.graph import Graph
from dask_lens.record.task import Task

if TYPE_CHECKING:
    from dask_lens.observe.link import Link


class DistributedComputation:
    """What a scheduler does for one call, or for a burst of submits from one line.

    Parameters
    ----------
    link
        The client's connection to its scheduler.
    start
        When the graph was sent.
    nested
        Whether it was sent from inside a task.
    """

    final = False  # a loop may go on to submit from the same line

    def __init__(self, link: Link, start: float, *, nested: bool = False) -> None:
        self.link = link
        self.start = start
        self.stop: float | None = None
        self.nested = nested
        self.sent = 0
        self.total = 0
        self.done = 0
        self.ran = 0
        self.busy = 0.0
        self.dropped = 0
        self.erred = False
        self.lost = False
        self.limit: int = config.get("observe.max-tasks")
        self._lock = threading.Lock()
        self._groups: set[int] = set()
        self._uncounted: dict[int, tuple[int, float]] = {}
        self._tasks: list[Task] = []
        self._keys: list[str] = []
        self._edges: list[list[int]] = []
        self._index: dict[int, int] = {}
        self._shaped = True
        self._graph: Graph | None = None

    @property
    def open(self) -> bool:
        """Whether anything of it is still under way."""
        return not self.lost and bool(self.sent or self._groups)

    def add_graph(self, number: int, total: int, *, shaped: bool) -> None:
        """Take note of a graph that arrived at the scheduler."""
        self._groups.add(number)
        self.total += total
        self._shaped = self._shaped and (shaped or total == 0)

    def add_shape(
        self, numbers: Iterable[int], keys: Iterable[str], edges: Iterable[list[int]]
    ) -> None:
        """Take in the keys of tasks and the numbers of those they wait for."""
        with self._lock:
            for number in numbers:
                self._index[number] = len(self._index)
            self._keys.extend(keys)
            self._edges.extend(edges)
            self._graph = None

    def key_of(self, number: int) -> str:
        """Return the key of a task by its number."""
        return self._keys[self._index[number]]

    def add_task(self, task: Task) -> None:
        """Take in a task that ran."""
        self.done += 1
        if len(self._tasks) < self.limit:
            self._tasks.append(task)

    def count(self, number: int, ran: int, busy: float) -> None:
        """Take in how many tasks of a graph ran, kept or not."""
        self._uncounted[number] = ran, busy
        self.ran = sum(entry[0] for entry in self._uncounted.values())
        self.busy = sum(entry[1] for entry in self._uncounted.values())

    def close_graph(self, number: int, stop: float, ran: int, busy: float, erred: bool) -> None:
        """Take note that all tasks of a graph have ended."""
        self.count(number, ran, busy)
        self.erred = self.erred or erred
        self.stop = max(stop, self.stop or 0.0)
        self._groups.discard(number)

    def give_up(self, stop: float) -> None:
        """End it: the scheduler will not tell any more."""
        self.lost = True
        self.stop = self.stop or stop

    def forget(self) -> None:
        """Keep everything: it is never final."""

    def live(self) -> tuple[int, int, int, int]:
        """Tasks running, threads, tasks done, tasks known."""
        return self.link.running, self.link.threads, max(self.done, self.ran), self.total

    @property
    def pool(self) -> object:
        """What it shares its threads with."""
        return self.link.address

    def snapshot(self) -> Computation:
        """How it stands, without its place."""
        with self._lock:
            tasks = tuple(sorted(self._tasks, key=lambda task: task.start))
        stop = None if self.open else self.stop or self.start
        workers = self.link.workers_between(self.start, stop)
        ran, busy = self.ran, self.busy
        if len(tasks) > ran:
            ran, busy = len(tasks), sum(task.duration for task in tasks)
        return Computation(
            scheduler="distributed",
            start=self.start,
            stop=stop,
            threads=_most_threads(workers),
            tasks=tasks,
            n_tasks=ran,
            busy=busy,
            workers=workers,
            graph=self._shape(),
            status="open" if self.open else "erred" if self.erred or self.lost else "finished",
            nested=self.nested,
            dropped=self.dropped,
        )

    def _shape(self) -> Graph | None:
        if not self._shaped or len(self._keys) > config.get("observe.max-graph"):
            return None
        with self._lock:
            if self._graph is None and self._keys:
                index = self._index
                edges = (tuple(index[n] for n in row if n in index) for row in self._edges)
                self._graph = Graph(tuple(self._keys), tuple(edges))
            return self._graph


def task_of(link: Link, key: str, told: list[Any]) -> Task:
    """Turn what the plugin tells of a task into its record.

    Parameters
    ----------
    link
        Knows how the scheduler's clock differs from ours.
    key
        The key as text.
    told
        Worker, thread, start, stop, movement, nbytes, typename and status.
    """
    worker, thread, start, stop, movement, nbytes, typename, status = told
    return make_task(
        key=key,
        prefix=key_split(key),
        worker=worker or "",
        thread=thread if isinstance(thread, int) else 0,
        start=link.here(start),
        stop=link.here(stop),
        cpu=None,
        movement=movement,
        nbytes=nbytes,
        typename=typename,
        status=status,
        exact=True,
    )


def _most_threads(workers: Iterable[Worker]) -> int:
    """Return the most threads that were there at one time."""
    changes = []
    for worker in workers:
        changes.append((worker.joined or 0.0, worker.nthreads))
        if worker.left is not None:
            changes.append((worker.left, -worker.nthreads))
    most = now = 0
    for _, change in sorted(changes):
        now += change
        most = max(most, now)
    return most

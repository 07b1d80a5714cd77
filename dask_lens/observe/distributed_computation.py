"""Runs in the kernel: one computation of a distributed scheduler, as its plugin tells it."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from time import time
from typing import TYPE_CHECKING, Any

from dask.system import CPU_COUNT

from dask_lens import config
from dask_lens.observe.heard import Heard
from dask_lens.observe.interpreter import Interpreter, Looked
from dask_lens.observe.tasks import make_task, prefix_of, replaced
from dask_lens.observe.workers import most_threads
from dask_lens.record.cluster import Worker
from dask_lens.record.computation import Computation
from dask_lens.record.graph import Graph
from dask_lens.record.task import Task
from dask_lens.record.timeline import Timeline

if TYPE_CHECKING:
    from dask_lens.observe.link import Link


@dataclass(frozen=True)
class Arrival:
    """A graph that arrived at the scheduler.

    Parameters
    ----------
    number
        The scheduler's half knows it by this.
    opened
        When it arrived.
    total
        Its tasks.
    shaped
        Whether its shape is told.
    """

    number: int
    opened: float
    total: int
    shaped: bool


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
        self.asked: float | None = None
        self.away: str | None = None
        #: That of this process, where tasks may run in its threads.
        self.interpreter: Interpreter | None = None
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
        self._lock = threading.RLock()  # a finalizer of the user may run inside
        self._groups: set[int] = set()
        self._uncounted: dict[int, tuple[int, float]] = {}
        self._tasks: list[Task] = []
        self._keys: list[str] = []
        self._edges: list[list[int]] = []
        self._index: dict[int, int] = {}
        self._shaped = True
        self._arrived: dict[int, float] = {}
        #: How tasks ran last, by number; the places among the tasks of those of each graph.
        self._last: dict[int, Task] = {}
        self._of: dict[int, list[int]] = {}
        self._timeline: tuple[int, Timeline] | None = None
        #: Graphs that are over and of which the CPU time is still to come.
        self._unsettled: set[int] = set()
        self._graph: Graph | None = None
        self._heard = Heard()
        #: For how long it was stuck, and when that was looked at.
        self._stuck = 0.0, 0.0

    @property
    def open(self) -> bool:
        """Whether anything of it is still under way."""
        return not self.lost and bool(self.sent or self._groups)

    @property
    def in_threads(self) -> bool:
        """Whether its tasks run side by side in threads of this process."""
        workers = self.link.workers_between(self.start, None)
        together = all(worker.address.startswith("inproc://") for worker in workers)
        return together and most_threads(workers) > 1

    def _looked(self, tasks: Sequence[Task]) -> Looked:
        """Return what was seen of this process while they ran."""
        here = self.interpreter
        return here.told_of(tasks) if here is not None and self.in_threads else Looked()

    @property
    def settled(self) -> bool:
        """Whether all that has ended is known in full."""
        return not self._unsettled

    def add_graph(self, arrival: Arrival) -> None:
        """Take note of a graph that arrived at the scheduler."""
        first = self.nested and not self._arrived  # it has been ready since its task sent it
        self._groups.add(arrival.number)
        opened = min(arrival.opened, self.start) if first else arrival.opened
        self._arrived[arrival.number] = opened
        self.total += arrival.total
        self._shaped = self._shaped and (arrival.shaped or arrival.total == 0)

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

    def add_task(self, number: int, key: int | str, *told: Any) -> None:
        """Take in a task that ran.

        Parameters
        ----------
        number
            Its graph.
        key
            Its number, or its key as text.
        *told
            What the scheduler's half tells: see :func:`task_of`.
        """
        self.done += 1
        if len(self._tasks) >= self.limit:
            return
        position = self._index.get(key) if isinstance(key, int) else None
        if position is not None:
            name = self._keys[position]
        else:  # of another graph, if it has a number: its result was lost
            name = self.link.names.get(key, str(key)) if isinstance(key, int) else key
        task = task_of(self.link, name, list(told))
        if position is not None and isinstance(key, int):
            before = self._last.get(key)
            if before is None:
                task = self._with_ready(task, self._arrived.get(number), self._edges[position])
            elif before.status != "memory":  # else its result was lost, some time later
                task = replaced(task, ready=before.stop)
            self._last[key] = task
        with self._lock:
            self._of.setdefault(number, []).append(len(self._tasks))
            self._tasks.append(task)

    def _with_ready(self, task: Task, arrived: float | None, edges: list[int]) -> Task:
        """Date back when the task could run: the scheduler learns late that others are done."""
        last = self._last
        if arrived is None or not all(number in last for number in edges):
            return task
        ready = max((last[number].stop for number in edges), default=arrived)
        return replaced(task, ready=max(ready, arrived))

    def add_stray(self, key: str, *told: Any) -> None:
        """Take in a task of which only Dask's own task stream tells; see :func:`task_of`."""
        task = task_of(self.link, key, [*told, None])
        self.done += 1
        self.stop = max(task.stop, self.stop or 0.0)
        self.erred = self.erred or task.status == "erred"
        with self._lock:
            if len(self._tasks) < self.limit:
                self._tasks.append(task)

    def add_away(self, number: int, key: str) -> None:  # noqa: ARG002 - as others are told
        """Take note that the task that submitted it has left its thread."""
        self.away = key

    def add_warning(self, number: int, told: dict[str, Any]) -> None:
        """Take in what tasks of a graph warned of."""
        self._heard.take(number, told)

    def add_timeline(self, number: int, fields: dict[str, Any]) -> None:
        """Take in what the tasks of a graph add up to that were too many to be told."""
        for name in ("start", "last_start", "last_stop"):
            fields[name] = self.link.here(fields[name])
        for name in ("busy", "moving", "runnable"):
            fields[name] = tuple(fields[name])
        self._timeline = number, Timeline(**fields)

    def add_cpu(self, number: int, shares: dict[str, float], busy: dict[str, float]) -> None:
        """Take in what is known of a graph's CPU time.

        Parameters
        ----------
        number
            The graph.
        shares
            By key prefix, how much of the time in tasks was on the CPU.
        busy
            By key prefix, seconds in tasks, where there is a timeline.
        """
        self._unsettled.discard(number)
        with self._lock:
            for place in self._of.pop(number, ()):
                task = self._tasks[place]
                share = shares.get(task.prefix)
                if share is not None and task.status == "memory":
                    self._tasks[place] = replaced(task, cpu=share * task.duration)
        if self._timeline is not None and self._timeline[0] == number:
            known = all(prefix in shares for prefix in busy)
            cpu = sum(shares[prefix] * spent for prefix, spent in busy.items()) if known else None
            self._timeline = number, dataclasses.replace(self._timeline[1], cpu=cpu)

    def count(self, number: int, ran: int, busy: float) -> None:
        """Take in how many tasks of a graph ran, kept or not."""
        before = self._uncounted.get(number, (0, 0.0))
        self._uncounted[number] = ran, busy
        self.ran += ran - before[0]
        self.busy += busy - before[1]

    def close_graph(  # noqa: PLR0917 - an event of the plugin, part by part
        self, number: int, stop: float, ran: int, busy: float, erred: bool, dropped: int
    ) -> None:
        """Take note that all tasks of a graph have ended."""
        self.dropped += dropped
        self.count(number, ran, busy)
        self.erred = self.erred or erred
        self.stop = max(stop, self.stop or 0.0)
        self._groups.discard(number)
        if ran:
            self._unsettled.add(number)

    def settle(self) -> None:
        """Take note that nothing more will be told of what is over."""
        self._unsettled.clear()

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

    @property
    def source(self) -> object:
        """Who tells how it stands."""
        return self.link

    def accounts(self) -> dict[str, float]:
        """Thread-seconds of all that the client has under way."""
        return self.link.accounts

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
            threads=most_threads(workers),
            tasks=tasks,
            n_tasks=ran,
            busy=busy,
            workers=workers,
            graph=self._shape(),
            status="open" if self.open else "erred" if self.erred or self.lost else "finished",
            nested=self.nested,
            away=self.away,
            dropped=self.dropped,
            stuck=self._stuck_for(tasks),
            timeline=self._whole_timeline(ran),
            cores=CPU_COUNT if all(map(_is_here, workers)) else None,
            warnings=self._heard.all(),
            **self._looked(tasks)._asdict(),
        )

    def _stuck_for(self, tasks: Iterable[Task]) -> float:
        """Return for how long it has been stuck, or was until it was broken off."""
        if self.open:
            self._stuck = self.link.stuck, time()
        seconds, looked = self._stuck
        broken_off = self.open or self.erred or self.lost or self.dropped
        moved = any(task.stop > looked and task.status == "memory" for task in tasks)
        return seconds if broken_off and not moved else 0.0

    def _whole_timeline(self, ran: int) -> Timeline | None:
        """Return the timeline where it has all tasks."""
        if self._timeline is None or self._uncounted[self._timeline[0]][0] < ran:
            return None
        return self._timeline[1]

    def _shape(self) -> Graph | None:
        if not self._shaped or len(self._keys) > config.get("observe.max-graph"):
            return None
        with self._lock:
            if self._graph is None and self._keys:
                index = self._index
                edges = (tuple(index[n] for n in row if n in index) for row in self._edges)
                others = self.link.names
                outside = tuple(
                    (key, others[n])
                    for key, row in zip(self._keys, self._edges, strict=True)
                    for n in row
                    if n not in index and n in others
                )
                self._graph = Graph(tuple(self._keys), tuple(edges), outside=outside)
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
        Worker, thread, start, stop, movement, nbytes, typename, status, and since when it could
        run.
    """
    worker, thread, start, stop, movement, nbytes, typename, status, ready = told
    thread = thread if isinstance(thread, int) else 0
    ready = None if ready is None else link.here(ready)
    return make_task(
        key, prefix_of(key), worker or "", thread, link.here(start), link.here(stop), None,
        movement, nbytes, typename, status, status != "released", ready, None, 0.0,
    )  # fmt: skip


def with_lead(
    answer: dict[str, Any], under_way: Iterable[DistributedComputation], since: float
) -> dict[str, float]:
    """Add the time in which a graph was on its way to the scheduler, or its plugin was.

    Parameters
    ----------
    answer
        With the thread-seconds that the scheduler measured, none where it measures nothing.
    under_way
        What they are of.
    since
        When it began to measure, by our clock.
    """
    accounts: dict[str, float] = answer["accounts"]
    begin = min((one.stop or one.start for one in under_way), default=since)
    if not accounts or begin >= since:
        return accounts
    lead = (since - begin) * answer["threads"]
    total, client = accounts["total"] + lead, accounts["client"] + lead
    return {**accounts, "total": total, "client": client}


def _is_here(worker: Worker) -> bool:
    """Whether a worker is certainly on this machine."""
    return worker.address.startswith(("inproc://", "tcp://127.", "tls://127."))

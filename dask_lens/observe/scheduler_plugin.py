"""Runs on a distributed scheduler, sent there by value: notes what one client's tasks do.

Standard library and distributed only: the cluster need not have this package.

The kernel asks for what is new (:meth:`LensPlugin.answer`); nothing is sent unasked. What the
kernel has not yet confirmed is kept, up to a limit, beyond which tasks are only counted.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from time import time
from typing import Any

from distributed.diagnostics.plugin import SchedulerPlugin

from dask_lens.observe.attempts import CUT, RUNNABLE, TOLD, Threads, taken_in
from dask_lens.observe.clocks import Clocks
from dask_lens.observe.cpu_probe import CpuProbe
from dask_lens.observe.events import Events
from dask_lens.observe.group import CHUNK, ENDS, Group, brought, counted, shape, steps, unfinished
from dask_lens.observe.keys import sample, text
from dask_lens.observe.later import Later
from dask_lens.observe.meter import Meter
from dask_lens.observe.parents import Parents, left_its_thread
from dask_lens.observe.standstill import Standstill

#: Tasks whose graph is remembered one by one; those of larger graphs belong to the last such.
MAX_OWNED = 100_000


class LensPlugin(SchedulerPlugin):
    """Notes graphs and tasks of one client, and of the clients inside its tasks.

    Parameters
    ----------
    client
        Identifier of the client.
    name
        Of the plugin, and of the handler that answers.
    max_tasks
        Tasks kept one by one for each graph, and events kept altogether.
    max_graph
        Tasks of a graph beyond which its shape is not kept.
    question
        What to run on workers to learn of CPU time, pickled by value; without it they are not
        asked.
    """

    def __init__(
        self, client: str, name: str, max_tasks: int, max_graph: int, question: bytes = b""
    ) -> None:
        self.client = client
        self.name = name
        self.max_tasks = max_tasks
        self.max_graph = max_graph
        self.question = question
        self.scheduler: Any = None
        self.probe: Any = None
        self.groups: dict[int, Group] = {}
        self.opened = 0
        #: The graph of each task that has not ended, and the number of each not forgotten.
        self.owner: dict[Any, Group] = {}
        self.index: dict[Any, int] = {}
        self.numbered = 0
        self.max_owned = MAX_OWNED
        self.rest: Group | None = None
        #: Where each task is being processed and since when.
        self.running: dict[Any, tuple[str, float]] = {}
        #: Since when each task of a known graph could run.
        self.ready: dict[Any, float] = {}
        self.clocks = Clocks()
        self.threads = Threads()
        self.parents = Parents()
        self.standstill = Standstill()
        self.meter = Meter()
        self.events = Events(max_tasks + max_graph)
        self.later = Later()
        #: Stands in, as the graph of a task, for one that is taken in later.
        self.coming = Group(0, [], 0.0)

    async def start(self, scheduler: Any) -> None:
        """Begin to answer."""
        self.begin(scheduler)
        await self.probe.baseline()

    def begin(self, scheduler: Any) -> None:
        """Begin to answer, on the scheduler's own event loop."""
        self.scheduler = scheduler
        self.probe = CpuProbe(scheduler, self.question, self._under_way, self._tell_cpu)
        scheduler.handlers[self.name] = self.answer_soon
        for address, worker in scheduler.workers.items():
            self._note_worker(address, worker, None)
        self._catch_up()

    async def close(self) -> None:
        """Leave the scheduler as it was."""
        self._leave()

    def _leave(self) -> None:
        if self.scheduler is not None:
            self.scheduler.handlers.pop(self.name, None)
            self.scheduler.plugins.pop(self.name, None)
            self.probe.close()
        for state in (self.groups, self.owner, self.index, self.running, self.ready, self.events):
            state.clear()
        self.later.clear()

    def _under_way(self) -> list[Group]:
        self.later.settle()
        return list(self.groups.values())

    def remove_client(self, scheduler: Any, client: str) -> None:  # noqa: ARG002 - its signature
        """Leave together with the client."""
        if client == self.client:
            self._leave()

    def add_worker(self, scheduler: Any, worker: str) -> None:
        """Take note of a worker that joins."""
        self._note_worker(worker, scheduler.workers[worker], time())

    def remove_worker(self, scheduler: Any, worker: str, **_: Any) -> None:  # noqa: ARG002 - its signature
        """Take note of a worker that leaves."""
        self.later.settle()
        now = time()
        self.meter.remove_worker(worker, now)
        self.threads.forget(worker)
        self.events.put(("left", worker, now))

    def log_event(self, topic: str, msg: Any) -> None:
        """Learn which worker a client inside tasks belongs to."""
        self.parents.learn(topic, msg)
        self.standstill.hear(topic, msg)

    def _note_worker(self, address: str, worker: Any, joined: float | None) -> None:
        self.later.settle()
        limit = worker.memory_limit or None
        self.meter.add_worker(address, worker.nthreads, joined or time())
        self.events.put(("worker", address, worker.nthreads, limit, joined))

    # Graphs

    def update_graph(
        self, scheduler: Any, *, client: str, tasks: Iterable[Any], keys: Any, **_: Any
    ) -> None:
        """Take note of a graph of the client, or of a client inside one of its tasks."""
        nested = client.startswith("Client-worker-")
        if nested:
            self.later.settle()
            parent = self.parents.of(client, scheduler, self.running, self.owner)
            if parent is None:
                return
        elif client == self.client:
            parent = None
        else:
            return
        new, needs = brought(scheduler, tasks)
        told = new, needs, sample(keys), parent, client, time()
        if not self.owner.keys().isdisjoint(state.key for state in new):
            self.later.settle()  # what a key was before is over
        if nested or len(new) > CHUNK or len(self.owner) + len(new) > self.max_owned:
            self.later.settle()
            self._open(*told)
        else:
            self.owner.update(dict.fromkeys([state.key for state in new], self.coming))
            self.later.put(self._open, *told)

    def _open(  # noqa: PLR0917 - a graph, part by part
        self, new: list[Any], needs: Any, name: Any, parent: Any, client: str, now: float
    ) -> None:
        self.opened += 1
        number = self.opened
        self.standstill.opens(client, number, now)
        shaped = 0 < len(new) <= min(self.max_graph, self.events.room)
        inside = None if parent is None else self.owner[parent].number
        self.events.put(("graph", number, now, len(new), name, inside, shaped))
        if not new:
            self.events.put(("closed", number, now, 0, 0.0, False, 0))
            return
        if not self.groups:
            self.meter.run(now, self.scheduler.cumulative_worker_metrics)
        group = self.groups[number] = Group(number, new, now)
        group.parent = parent
        self.meter.left += len(new)
        if len(new) > self.max_tasks:
            group.add_up(now)
        is_known = self.owner.get(new[0].key) is self.coming
        if is_known or len(self.owner) + len(new) <= self.max_owned:
            self.owner.update((state.key, group) for state in new)
        else:
            self.rest = group
            group.names = {state.group.name for state in new}
        if shaped:
            self._put_shape(group, new, needs)

    def _put_shape(self, group: Group, new: list[Any], needs: Any) -> None:
        with contextlib.suppress(TypeError):  # tasks without a priority
            new.sort(key=lambda state: state.priority)
        index = self.index
        if len(index) + len(new) <= self.max_owned:
            group.numbers = range(self.numbered, self.numbered + len(new))
            index.update(zip([state.key for state in new], group.numbers, strict=True))
            self.numbered += len(new)
        for event in shape(group.number, new, needs, index):
            self.events.put(event)

    def _catch_up(self) -> None:
        """Take in what the client submitted before we were here."""
        client = self.scheduler.clients.get(self.client)
        seen = unfinished(client.wants_what) if client is not None else {}
        if seen:
            keys = [*map(text, seen)] if len(seen) <= CHUNK else None
            self._open([*seen.values()], None, keys, None, self.client, time())
            for key, state in seen.items():
                if state.state in RUNNABLE:
                    self._can_run(self.owner.get(key, self.rest), key, time())
                if state.processing_on is not None:
                    self._runs(key, state.processing_on.address, time())

    # Tasks

    def transition(self, key: Any, start: str, finish: str, **kwargs: Any) -> None:
        """Take note of what becomes of a task: soon, with others, which costs a third."""
        if finish not in TOLD and start not in RUNNABLE:
            return
        group = self.owner.get(key)
        if group is not None or key in self.index or self.rest is not None:
            state = self.scheduler.tasks.get(key)
            worker = state.processing_on if state is not None else None
            if start == "processing" and finish in CUT and "startstops" not in kwargs:
                self.later.settle()
                kwargs = {**kwargs, **self.threads.in_vain(key, self.running, self.meter)}
            self.later.put(self._becomes, time(), key, start, finish, state, worker, kwargs)
            nested = group is not None and group.parent is not None and finish in ENDS
            if nested or self.rest is not None:  # where its parent is, or what it is, tells now
                self.later.settle()

    def _becomes(  # noqa: PLR0917 - a transition, part by part
        self, now: float, key: Any, start: str, finish: str, state: Any, worker: Any, told: Any
    ) -> None:
        if finish == "forgotten":
            self.index.pop(key, None)
        group = self.owner.get(key) or self._other(key, state, finish)
        if group is None:
            return
        if finish in RUNNABLE:
            if start not in RUNNABLE:
                self._can_run(group, key, now)
            if finish == "processing" and worker is not None:
                self._runs(key, worker.address, now)
            return
        if start in RUNNABLE:
            self._stops(group, key, start, finish, state, told, now)
        if finish in ENDS:
            # Nobody holds the future any more: an error or a cancel has another stimulus.
            if finish == "forgotten" and key in self.owner:
                group.dropped += str(told.get("stimulus_id")).startswith("client-releases-keys")
            group.erred = group.erred or finish == "erred"  # itself, or what it needs
            self._ended(group, key, now)

    def _other(self, key: Any, state: Any, finish: str) -> Group | None:
        if finish in RUNNABLE and key in self.index:
            return taken_in(key, self.index, self.groups, self.owner, self.meter)
        return self.rest if self.rest is not None and self.rest.has(state, finish) else None

    def _can_run(self, group: Group | None, key: Any, now: float) -> None:
        if group is None:
            return
        self.meter.advance(now)
        self.meter.alive += 1
        group.becomes(1, now)
        if key in self.index:
            self.ready[key] = now

    def _runs(self, key: Any, worker: str, now: float) -> None:
        self.running[key] = worker, now
        self.meter.sent(worker, now)

    def _stops(  # noqa: PLR0917 - a transition, part by part
        self, group: Group, key: Any, start: str, finish: str, state: Any, told: Any, now: float
    ) -> None:
        """Take note that a task could run, or did, and no more."""
        meter = self.meter
        worker, sent = self.running.pop(key, ("", None))
        free = sent is not None and meter.returned(worker, now)
        meter.advance(now)
        meter.alive -= 1
        group.becomes(-1, now)
        ready = self.ready.pop(key, None)
        if start == "processing" and "startstops" in told:
            prefix = state.prefix.name
            spent = self._ran(group, key, prefix, finish, (ready, sent), told, now)
            if free and sent is not None and spent:
                meter.latency += max(now - sent - spent, 0.0)

    def _ran(  # noqa: PLR0917 - a transition, part by part
        self, group: Group, key: Any, prefix: str, finish: str, before: Any, told: Any, now: float
    ) -> float:
        taken = told.get("startstops") or ()
        start, stop, movement = steps(taken)
        if start is None or stop is None:
            return 0.0
        movement += self.threads.written.before(told.get("worker"), start - movement, taken)
        busy = stop - start
        group.ran_one(prefix, busy)
        self.meter.ran += busy
        self.meter.moved += movement
        ready, sent = before
        worker, thread = told.get("worker") or "", told.get("thread")
        shift = self.clocks.shift(worker, start, stop, sent, now)
        self.threads.ended(worker, thread, stop + shift)
        if group.bins is not None:
            group.bins.ran(start + shift, stop + shift, movement)
        if group.kept < self.max_tasks and self.events.room > 0:
            group.kept += 1
            number = self.index.get(key)
            self.events.put((
                "task", group.number, key if number is None else number, worker, thread,
                start + shift, stop + shift, movement, told.get("nbytes"), told.get("typename"),
                told.get("outcome", finish), ready,
            ))  # fmt: skip
        return busy + movement

    def _ended(self, group: Group, key: Any, now: float) -> None:
        if self.owner.pop(key, None) is None and group is not self.rest:
            return
        self.meter.advance(now)
        self.standstill.moves(now)
        self.meter.left -= 1
        group.left -= 1
        if group.left == 0:
            self._close(group, now)

    def _close(self, group: Group, now: float) -> None:
        number = group.number
        if group.bins is not None:
            self.events.put(("timeline", number, group.bins.timeline()))
        if group.parent is not None and left_its_thread(self.scheduler, group.parent):
            self.events.put(("away", number, text(group.parent)))
        told = (group.ran, group.busy, group.erred, group.dropped)
        self.events.put(("closed", number, now, *told))
        self.groups.pop(number, None)
        if self.rest is group:
            self.rest = None
        if not self.groups:
            self.meter.rest(now)
        try:
            self.probe.over(group)
        except Exception:  # noqa: BLE001 - such as no event loop, where a scheduler is simulated
            self._tell_cpu(group)

    def _tell_cpu(self, group: Group) -> None:
        spent = {} if group.bins is None else {**group.told, **group.spent}
        self.events.put(("cpu", group.number, group.shares(), spent))

    # Answers

    async def answer_soon(
        self, after: int = 0, limit: int = 65_536, leave: bool = False, wait: float = 0.0
    ) -> Any:
        """Return what is new, after waiting ``wait`` seconds for CPU times that are to come."""
        self.later.settle()
        if wait and self.probe.pending:
            await self.probe.settle(wait)
        return self.answer(after, limit, leave)

    def answer(self, after: int = 0, limit: int = 65_536, leave: bool = False) -> Any:
        """Return what is new, at most about ``limit`` bytes of it.

        Parameters
        ----------
        after
            Events that the kernel has: they are dropped here.
        limit
            Bytes to stay below.
        leave
            Whether to be gone afterwards.
        """
        self.later.settle()
        now = time()
        answer = {
            "time": now,
            **self.events.page(after, limit),
            "threads": self.meter.threads,
            "running": self.meter.busy,
            "since": self.meter.since,
            "pending": self.probe.pending,
            "stuck": self.standstill.seconds(self.scheduler, self.groups, now),
            "accounts": self.meter.accounts(
                now,
                self.scheduler.cumulative_worker_metrics,
                (prefix for group in self.groups.values() for prefix in group.prefixes),
            ),
            "uncounted": counted(self.groups),
        }
        if leave:
            self._leave()
        return answer

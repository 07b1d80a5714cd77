"""Runs on a distributed scheduler, sent there by value: notes what one client's tasks do.

Standard library and distributed only: the cluster need not have this package.

The kernel asks for what is new (:meth:`LensPlugin.answer`); nothing is sent unasked. What the
kernel has not yet confirmed is kept, up to a limit, beyond which tasks are only counted.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Iterable
from time import time
from typing import Any

from distributed.diagnostics.plugin import SchedulerPlugin

from dask_lens.observe.keys import sample, text

#: Tasks whose graph is remembered one by one; those of larger graphs belong to the last such.
MAX_OWNED = 100_000
#: Seconds: results that took longer to come back are odd, and how exact clocks are.
LATE = 0.1
JITTER = 0.001
#: Tasks of a graph sent in one event.
CHUNK = 200


class Group:
    """The tasks that one graph brought."""

    __slots__ = ("busy", "dropped", "erred", "kept", "left", "number", "ran")

    def __init__(self, number: int, left: int) -> None:
        self.number = number
        self.left = left
        self.ran = 0
        self.kept = 0
        self.busy = 0.0
        self.dropped = 0
        self.erred = False


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
    """

    def __init__(self, client: str, name: str, max_tasks: int, max_graph: int) -> None:
        self.client = client
        self.name = name
        self.max_tasks = max_tasks
        self.max_graph = max_graph
        self.scheduler: Any = None
        self.groups: dict[int, Group] = {}
        self.opened = 0
        #: The graph of each task that has not ended, and the number of each not forgotten.
        self.owner: dict[Any, Group] = {}
        self.index: dict[Any, int] = {}
        self.numbered = 0
        self.rest: Group | None = None
        #: Where each task is being processed and since when; how many are on each worker.
        self.running: dict[Any, tuple[str, float]] = {}
        self.processing: dict[str, int] = {}
        #: What to add to the times a worker reports.
        self.shifts: dict[str, float] = {}
        self.nested_on: dict[str, str] = {}
        self.events: deque[tuple[Any, ...]] = deque()
        self.first = 0
        self.room = max_tasks + max_graph

    async def start(self, scheduler: Any) -> None:
        """Begin to answer."""
        self.begin(scheduler)

    def begin(self, scheduler: Any) -> None:
        """Begin to answer, on the scheduler's own event loop."""
        self.scheduler = scheduler
        scheduler.handlers[self.name] = self.answer
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
        for state in (self.groups, self.owner, self.index, self.running, self.events):
            state.clear()

    def remove_client(self, scheduler: Any, client: str) -> None:  # noqa: ARG002 - its signature
        """Leave together with the client."""
        if client == self.client:
            self._leave()

    def add_worker(self, scheduler: Any, worker: str) -> None:
        """Take note of a worker that joins."""
        self._note_worker(worker, scheduler.workers[worker], time())

    def remove_worker(self, scheduler: Any, worker: str, **_: Any) -> None:  # noqa: ARG002 - its signature
        """Take note of a worker that leaves."""
        self.processing.pop(worker, None)
        self._put(("left", worker, time()))

    def log_event(self, topic: str, msg: Any) -> None:
        """Learn which worker a client inside tasks belongs to."""
        if topic in ("worker-get-client", "worker-client") and isinstance(msg, dict):
            with contextlib.suppress(KeyError):
                self.nested_on[msg["client"]] = msg["worker"]

    def _note_worker(self, address: str, worker: Any, joined: float | None) -> None:
        limit = worker.memory_limit or None
        self._put(("worker", address, worker.nthreads, limit, joined))

    def _put(self, event: tuple[Any, ...]) -> None:
        self.events.append(event)
        self.room -= _weight(event)

    # Graphs

    def update_graph(
        self, scheduler: Any, *, client: str, tasks: Iterable[Any], keys: Any, **_: Any
    ) -> None:
        """Take note of a graph of the client, or of a client inside one of its tasks."""
        nested = client.startswith("Client-worker-")
        if nested:
            parent = self._parent(client)
            if parent is None:
                return
        elif client == self.client:
            parent = None
        else:
            return
        states = [scheduler.tasks.get(key) for key in tasks]
        new = [
            state
            for state in states
            if state is not None and state.state == "released" and state.run_spec is not None
        ]
        self._open(new, sample(keys), parent)

    def _parent(self, client: str) -> int | None:
        """Return the graph whose task has submitted from inside, if that can be known."""
        worker = self.nested_on.get(client)
        candidates = {
            self.owner[key].number
            for key, (address, _) in self.running.items()
            if key in self.owner and (worker is None or address == worker)
        }
        return max(candidates) if candidates else None

    def _open(self, new: list[Any], name: str | None, parent: int | None) -> None:
        self.opened += 1
        number = self.opened
        shaped = 0 < len(new) <= min(self.max_graph, self.room)
        self._put(("graph", number, time(), len(new), name, parent, shaped))
        if not new:
            self._put(("closed", number, time(), 0, 0.0, False, 0))
            return
        group = self.groups[number] = Group(number, len(new))
        if len(self.owner) + len(new) <= MAX_OWNED:
            self.owner.update((state.key, group) for state in new)
        else:
            self.rest = group
        if shaped:
            self._put_shape(group, new)

    def _put_shape(self, group: Group, new: list[Any]) -> None:
        with contextlib.suppress(TypeError):  # tasks without a priority
            new.sort(key=lambda state: state.priority)
        index = self.index
        if len(index) + len(new) <= MAX_OWNED:
            for state in new:
                index[state.key] = self.numbered
                self.numbered += 1
        for at in range(0, len(new), CHUNK):
            part = new[at : at + CHUNK]
            edges = [
                [index[d.key] for d in state.dependencies if d.key in index] for state in part
            ]
            numbers = [index.get(state.key, -1) for state in part]
            self._put(("shape", group.number, numbers, [state.key for state in part], edges))

    def _catch_up(self) -> None:
        """Take in what the client submitted before we were here."""
        client = self.scheduler.clients.get(self.client)
        if client is None or not client.wants_what:
            return
        seen: dict[Any, Any] = {}
        stack = list(client.wants_what)
        while stack:
            state = stack.pop()
            if state.key not in seen and state.state not in ("memory", "erred", "forgotten"):
                seen[state.key] = state
                stack.extend(state.dependencies)
        if seen:
            self._open(list(seen.values()), None, None)
            for key, state in seen.items():
                if state.processing_on is not None:
                    self._runs(key, state.processing_on.address)

    # Tasks

    def transition(self, key: Any, start: str, finish: str, **kwargs: Any) -> None:
        """Take note of what becomes of a task."""
        sent = self._stops(key) if start == "processing" else None
        if finish == "forgotten":
            self.index.pop(key, None)
            group = self.owner.get(key)
        else:
            group = self.owner.get(key, self.rest)
        if group is None:
            return
        if finish == "processing":
            state = self.scheduler.tasks[key]
            if state.processing_on is not None:
                self._runs(key, state.processing_on.address)
        elif finish in ("memory", "erred"):
            if start == "processing":
                self._ran(group, key, finish, sent, kwargs)
            group.erred = group.erred or finish == "erred"  # itself, or what it needs
            self._ended(group, key)
        elif finish == "forgotten":
            # Nobody holds the future any more: an error or a cancel has another stimulus.
            dropped = str(kwargs.get("stimulus_id", "")).startswith("client-releases-keys")
            group.dropped += dropped and key in self.owner
            self._ended(group, key)

    def _runs(self, key: Any, worker: str) -> None:
        self.running[key] = worker, time()
        self.processing[worker] = self.processing.get(worker, 0) + 1

    def _stops(self, key: Any) -> float | None:
        worker, sent = self.running.pop(key, ("", None))
        if worker in self.processing:
            self.processing[worker] -= 1
        return sent

    def _ran(
        self, group: Group, key: Any, finish: str, sent: float | None, told: dict[str, Any]
    ) -> None:
        start = stop = None
        movement = 0.0
        for step in told.get("startstops") or ():
            if step["action"] == "compute":
                start, stop = step["start"], step["stop"]
            elif start is None:
                movement += step["stop"] - step["start"]
        if start is None or stop is None:
            return
        group.ran += 1
        group.busy += stop - start
        if group.kept < self.max_tasks and self.room > 0:
            group.kept += 1
            number = self.index.get(key)
            shift = self._shift(told.get("worker") or "", start, stop, sent)
            self._put(
                (
                    "task",
                    group.number,
                    key if number is None else number,
                    told.get("worker"),
                    told.get("thread"),
                    start + shift,
                    stop + shift,
                    movement,
                    told.get("nbytes"),
                    told.get("typename"),
                    finish,
                )
            )

    def _shift(self, worker: str, start: float, stop: float, sent: float | None) -> float:
        """Return what to add to a task's times so that they can be true on our clock.

        A worker adds its idea of how far its clock is from ours. Right after it has joined
        that can be off by a second: the idea comes from one slow round trip. But no task
        starts before it was sent or comes back before it has stopped.

        https://github.com/dask/distributed/blob/2026.8.0/distributed/worker.py#L1127
        """
        now = time()
        sent = stop if sent is None else sent
        known = self.shifts.get(worker, 0.0)
        for shift in (0.0, known) if now - stop < LATE else (known, 0.0):
            if sent - JITTER <= start + shift and stop + shift <= now:
                break
        else:
            shift = min(max(sent - start, 0.0), now - stop)
        self.shifts[worker] = shift
        return shift

    def _ended(self, group: Group, key: Any) -> None:
        if self.owner.pop(key, None) is None and group is not self.rest:
            return
        group.left -= 1
        if group.left == 0:
            told = (group.ran, group.busy, group.erred, group.dropped)
            self._put(("closed", group.number, time(), *told))
            self.groups.pop(group.number, None)
            if self.rest is group:
                self.rest = None

    # Answers

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
        while self.events and self.first < after:
            self.room += _weight(self.events.popleft())
            self.first += 1
        events: list[Any] = []
        size = 1000
        for event in self.events:
            readable = _as_text(event)
            size += len(str(readable))
            if events and size > limit:
                break
            events.append(readable)
        workers = self.scheduler.workers
        answer = {
            "time": time(),
            "events": events,
            "next": self.first + len(events),
            "more": len(events) < len(self.events),
            "threads": sum(worker.nthreads for worker in workers.values()),
            "running": sum(
                min(count, workers[address].nthreads)
                for address, count in self.processing.items()
                if address in workers
            ),
            "uncounted": [
                [group.number, group.ran, group.busy]
                for group in self.groups.values()
                if group.ran > group.kept
            ][:CHUNK],
        }
        if leave:
            self._leave()
        return answer


def _weight(event: tuple[Any, ...]) -> int:
    return len(event[2]) if event[0] == "shape" else 1


def _as_text(event: tuple[Any, ...]) -> list[Any]:
    """Turn keys into text, which is all that the kernel wants of them."""
    kind = event[0]
    if kind == "shape":
        return [*event[:3], [text(key) for key in event[3]], event[4]]
    if kind == "task" and not isinstance(event[2], int):
        return [kind, event[1], text(event[2]), *event[3:]]
    return list(event)

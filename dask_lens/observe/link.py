"""Runs in the kernel: the connection from one client to the plugin on its scheduler."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import uuid
import weakref
from collections import defaultdict, deque
from collections.abc import Callable, Collection
from functools import partialmethod
from time import time
from typing import Any

from distributed.utils import sync

from dask_lens import config
from dask_lens.observe import fallback, warned
from dask_lens.observe.distributed_computation import Arrival, DistributedComputation, with_lead
from dask_lens.observe.heard import note_log
from dask_lens.observe.journal import Recording
from dask_lens.observe.loops import running_loop, scheduler_here
from dask_lens.observe.submission import Submission, by_value, make_plugin
from dask_lens.observe.workers import Workers
from dask_lens.record.cell import Place
from dask_lens.record.cluster import Worker
from dask_lens.record.run import NotJudged

#: Seconds by which two readings of one clock may seem to be out of order.
JITTER = 0.001
#: Requests in a row that may fail.
MAX_FAILURES = 3
#: Keys that are remembered for graphs that need the results of others.
MAX_NAMES = 100_000
#: Seconds after which a graph that the plugin has not seen is looked for among the futures.
PATIENCE = 1.0

logger = logging.getLogger("dask_lens")


class Link:
    """Registers the plugin, asks it for what is new and sorts the answers.

    Parameters
    ----------
    client
        The client; only a weak reference is kept.
    opened, closed, changed
        Told of computations that open and close, and of cells that change later.
    """

    def __init__(
        self,
        client: Any,
        opened: Callable[[DistributedComputation, Recording, Place | None], bool],
        closed: Callable[[DistributedComputation], None],
        changed: Callable[[Recording], None],
    ) -> None:
        self.name = self._topic = ""  # the name: until the scheduler knows it
        self.client_id: str = client.id
        self.address: object = id(client)
        self.registered = False
        self.refused: str | None = None
        #: Keys of tasks by their numbers.
        self.names: dict[int, str] = {}
        self.running = self.threads = 0
        self.stuck = 0.0
        self.accounts: dict[str, float] = {}
        self.skew = 0.0
        self.outbox: deque[Submission] = deque()
        self._client = weakref.ref(client)
        self._opened = opened
        self._closed = closed
        self._changed = changed
        self._lock = threading.RLock()
        self._after = self._failures = 0
        self._expected: defaultdict[str | None, deque[Submission]] = defaultdict(deque)
        self._groups: dict[int, tuple[DistributedComputation, Recording]] = {}
        self._open: dict[DistributedComputation, Recording] = {}
        #: Graphs that are over and of which the CPU time is still to come.
        self._unsettled: dict[int, tuple[DistributedComputation, Recording]] = {}
        self._settled: list[Recording] = []
        self._workers = Workers()

    @property
    def over(self) -> bool:
        """Whether the client is gone for good."""
        client = self._client()
        return client is None or client.status in ("closing", "closed")

    @property
    def idle(self) -> bool:
        """Whether nothing is under way."""
        return not self._open and not self.outbox and not self._unsettled

    # To the scheduler

    def usable_from_here(self) -> bool:
        """Whether this thread may wait for the client's event loop."""
        client = self._client()
        if client is None or client.status != "running":
            return False
        loop = client.loop.asyncio_loop
        return bool(loop.is_running() and loop is not running_loop())

    def register(self) -> None:
        """Put the plugin on the scheduler, waiting for it no longer than set.

        On the event loop's own thread nothing can be waited for: the plugin catches up.
        """
        client = self._client()
        if client is None or self.registered or self.refused or client.status != "running":
            return
        self.registered, self.name, self._after = True, "", 0
        self._topic = f"dask-lens-{uuid.uuid4().hex}"
        plugin = make_plugin(self.client_id, self._topic)
        if self.usable_from_here():
            timeout = config.get("observe.timeout")
            sync(client.loop, self._register, client, by_value(plugin), callback_timeout=timeout)
        elif (scheduler := scheduler_here(client)) is not None:
            self.address = scheduler.address
            plugin.begin(scheduler)
            scheduler.add_plugin(plugin, name=self._topic)
            self.name = self._topic
        else:
            client.loop.add_callback(self._register_later, client, by_value(plugin))

    async def _register(self, client: Any, plugin: bytes) -> None:
        self.address, name = client.scheduler.address, self._topic
        await client.scheduler.register_scheduler_plugin(plugin=plugin, name=name, idempotent=True)
        self.name = name

    async def _register_later(self, client: Any, plugin: bytes) -> None:
        try:
            await self._register(client, plugin)
        except Exception as error:  # noqa: BLE001 - whatever it has against it
            self.refuse(error)

    def refuse(self, error: BaseException) -> None:
        """Do without the plugin from now on."""
        self.refused = fallback.reason(error)
        logger.warning("dask_lens: %s (%s)", self.refused, self.address)
        if self.usable_from_here():
            fallback.begin(self._client())

    def drain(self, timeout: float, wait: float = 0.0) -> bool:
        """Take in what is new, ``wait`` seconds for workers included; return if there is more."""
        self._absorb()
        client = self._client()
        if client is None or not (self.registered and self.name) or self.refused or self.over:
            self._watch_futures(client)
            if self.over:
                self.give_up("the client was closed before its tasks had ended")
            return False
        try:
            answer = self._fetch(client, timeout, wait=wait)
        except (OSError, TimeoutError, asyncio.TimeoutError):
            self._failures += 1
            if self._failures == MAX_FAILURES:
                self.registered, self.name = False, ""  # another scheduler, perhaps: next time
                self.give_up("the scheduler did not answer; is it still there?")
            return False
        self._failures = 0
        more = answer is not None and self._take_in(answer)
        if not more:
            self._watch_futures(client)
        return more

    def leave(self, timeout: float) -> None:
        """Take the plugin off the scheduler."""
        warned.leave(self._topic)  # in this process there may be workers
        self.give_up("observing was turned off before its tasks had ended")
        client = self._client()
        if client is not None and self.name and not self.refused and not self.over:
            self._fetch(client, timeout, leave=True)

    def _fetch(
        self, client: Any, timeout: float, *, leave: bool = False, wait: float = 0.0
    ) -> Any:
        if self.usable_from_here():
            return sync(client.loop, self._ask, client, leave, wait, callback_timeout=timeout)
        scheduler = scheduler_here(client)
        if scheduler is not None and self.name in scheduler.plugins:
            return scheduler.plugins[self.name].answer(after=self._after, leave=leave)
        client.loop.add_callback(self._ask_later, client, leave)
        return None

    async def _ask_later(self, client: Any, leave: bool) -> None:
        with contextlib.suppress(Exception):  # the thread that drains asks again
            self._take_in(await self._ask(client, leave))

    async def _ask(self, client: Any, leave: bool, wait: float = 0.0) -> Any:
        ask = getattr(client.scheduler, self.name)
        before = time() - JITTER
        answer = await ask(after=self._after, limit=65_536, leave=leave, wait=wait)
        after = time() + JITTER
        # Where the scheduler's time lies within the round trip, it may be the same clock.
        there = answer["time"]
        self.skew = 0.0 if before <= there <= after else there - (before + after) / 2
        return answer

    # From the scheduler

    def here(self, then: float) -> float:
        """Turn a time of the scheduler's clock into one of ours."""
        return then - self.skew

    def workers_between(self, start: float, stop: float | None) -> tuple[Worker, ...]:
        """Return the workers that were there at any time in between."""
        with self._lock:
            return self._workers.between(start, stop)

    def _absorb(self) -> None:
        """Open the computations of what was sent since."""
        with self._lock:
            while self.outbox:
                submission = self.outbox.popleft()
                computation = self._computation(submission)
                if computation is not None:
                    submission.computation = computation
                    self._expected[submission.sample].append(submission)

    def _computation(self, submission: Submission) -> DistributedComputation | None:
        bursts = submission.recording.bursts
        burst = self, submission.place
        computation: Any = None
        if submission.place is not None and submission.call in ("submit", "map"):
            computation = bursts.get(burst)
        if computation is None or computation.lost:
            computation = DistributedComputation(self, submission.sent, nested=submission.nested)
            computation.asked, computation.away = submission.asked, submission.away
            bursts[burst] = computation
        computation.sent += 1
        return computation if self._open_one(computation, submission) else None

    def _open_one(self, computation: DistributedComputation, submission: Submission) -> bool:
        if computation not in self._open:
            if not self._opened(computation, submission.recording, submission.place):
                return False
            self._open[computation] = submission.recording
        return True

    def _take_in(self, answer: dict[str, Any]) -> bool:
        with self._lock:
            self.running, self.threads = answer["running"], answer["threads"]
            self.stuck = answer["stuck"]
            self.accounts = with_lead(answer, self._open, self.here(answer["since"]))
            first = answer["next"] - len(answer["events"])
            for event in answer["events"][max(self._after - first, 0) :]:
                getattr(self, f"_on_{event[0]}")(*event[1:])
            self._after = max(self._after, answer["next"])
            for number, ran, busy in answer["uncounted"]:
                if number in self._groups:
                    self._groups[number][0].count(number, ran, busy)
        self._close_what_is_over()
        return bool(answer["more"])

    def _close_what_is_over(self) -> None:
        with self._lock:
            settled, self._settled = self._settled, []
            over = [computation for computation in self._open if not computation.open]
            told = [self._open.pop(computation) for computation in over]
        # Without the lock: what is told may take its time, and locks of its own.
        for computation in over:
            self._closed(computation)
        for recording in dict.fromkeys(settled):
            if recording not in told:
                self._changed(recording)

    def _on_graph(self, number: int, opened: float, total: int, *told: Any) -> None:
        sample, parent, shaped = told
        opened = self.here(opened)
        arrival = Arrival(number, opened, total, shaped=shaped)
        if parent is not None:
            self._nest(arrival, parent)
        elif not isinstance(sample, str):
            self._match_late(arrival, sample)
        elif sample in self._expected:
            waiting = self._expected[sample]
            self._match(waiting.popleft(), arrival)
            if not waiting:
                del self._expected[sample]

    def _match(self, submission: Submission, arrival: Arrival) -> None:
        computation = submission.computation
        if computation is not None:
            computation.sent -= 1
            computation.add_graph(arrival)
            self._groups[arrival.number] = computation, submission.recording

    def _match_late(self, arrival: Arrival, keys: Collection[str] | None) -> None:
        """Match what a plugin found when it came late: tasks, but not which call was theirs."""
        late = [name for name in self._expected if keys is None or name in keys]
        waiting = [submission for name in late for submission in self._expected.pop(name)]
        for submission in waiting[1:]:
            if submission.computation is not None:
                submission.computation.sent -= 1
        if waiting:
            self._match(waiting[0], arrival)

    def _nest(self, arrival: Arrival, parent: int) -> None:
        if parent not in self._groups:
            return
        recording = self._groups[parent][1]
        computation = DistributedComputation(self, arrival.opened, nested=True)
        computation.add_graph(arrival)
        if self._opened(computation, recording, None):
            self._open[computation] = recording
            self._groups[arrival.number] = computation, recording

    def _tell(self, add: str, number: int, told: Any) -> None:
        if number in self._groups:
            getattr(self._groups[number][0], add)(number, told)

    _on_away = partialmethod(_tell, "add_away")
    _on_timeline = partialmethod(_tell, "add_timeline")
    _on_warned = partialmethod(_tell, "add_warning")

    def _on_logged(self, number: int, told: dict[str, Any]) -> None:
        whose = self._groups.get(number) or self._unsettled.get(number)
        if whose is not None:
            note_log(whose[1], told["message"], told["logger"], told["level"])

    def _on_shape(self, number: int, *told: Any) -> None:
        if len(self.names) > MAX_NAMES:
            self.names.clear()
        self.names.update(zip(told[0], told[1], strict=True))
        if number in self._groups:
            self._groups[number][0].add_shape(*told)

    def _on_task(self, number: int, key: int | str, *told: Any) -> None:
        if number in self._groups:
            self._groups[number][0].add_task(number, key, *told)

    def _on_closed(self, number: int, stop: float, ran: int, *told: Any) -> None:
        if number in self._groups:
            whose = self._groups.pop(number)
            whose[0].close_graph(number, self.here(stop), ran, *told)
            if ran:
                self._unsettled[number] = whose

    def _on_cpu(self, number: int, shares: dict[str, float], busy: dict[str, float]) -> None:
        if number in self._unsettled:
            computation, recording = self._unsettled.pop(number)
            computation.add_cpu(number, shares, busy)
            if computation.settled:
                self._settled.append(recording)

    def _on_worker(
        self, address: str, nthreads: int, limit: int | None, joined: float | None
    ) -> None:
        when = None if joined is None else self.here(joined)
        self._workers.joined(address, nthreads, limit, when)

    def _on_left(self, address: str, left: float) -> None:
        self._workers.left(address, self.here(left))

    def _watch_futures(self, client: Any) -> None:
        """See from the client's futures that graphs the plugin does not know are over."""
        futures = {} if client is None or not self._expected else dict(client.futures)
        if not self._expected or any(state.status == "pending" for state in futures.values()):
            return
        over: list[Submission] = []
        latest = time() - (0.0 if self.refused or client is None else PATIENCE)
        with self._lock:
            for sample, waiting in list(self._expected.items()):
                while waiting and waiting[0].sent <= latest:
                    over.append(waiting.popleft())
                if not waiting:
                    del self._expected[sample]
        if over and self.refused and self.usable_from_here():
            fallback.fill(client, over, self._workers)
        for one in over:
            one.missed(self.refused)
        self._close_what_is_over()

    def give_up(self, reason: str) -> None:
        """Close what is under way: nobody will tell any more.

        Parameters
        ----------
        reason
            Why, for the reader of the run.
        """
        self._absorb()
        with self._lock:
            for computation, recording in self._open.items():
                computation.give_up(time())
                recording.not_judged["distributed-tasks"] = NotJudged("distributed-tasks", reason)
            for computation, recording in self._unsettled.values():
                computation.settle()
                self._settled.append(recording)
            for state in (self._expected, self._groups, self._unsettled):
                state.clear()
            self.accounts = {}
        self._close_what_is_over()

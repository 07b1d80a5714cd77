"""Runs on a distributed scheduler, sent there by value: hears what workers pass on.

Workers are asked once to pass on what tasks warn of and what they log (:mod:`.warned`), and once
more to end it. What they tell comes ahead of the end of the task.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Mapping
from time import monotonic
from typing import Any

from dask_lens.observe.group import Group
from dask_lens.observe.keys import text
from dask_lens.observe.scheduler_plugin import LensPlugin

#: Workers that are asked at once; asking more may take this share of the time.
MANY, SHARE = 32, 0.02
#: Seconds that a worker may take to answer, and that others wait for it.
PATIENCE, SHORTLY = 1.0, 0.2
#: Different warnings of one graph that are told, and how often one comes before only every
#: doubling is told.
MOST_KINDS, EACH = 20, 8
#: Bytes more that workers hold on disk, from which on it is told, and seconds between two looks.
LEAST_SPILLED, LOOKS = 50_000_000, 0.2
#: As whose word, and as how grave, that is told.
MEMORY, WARNING = "distributed.worker.memory", 30


class Hearing:
    """Asks workers to listen, and sorts what they tell.

    Parameters
    ----------
    scheduler
        The scheduler.
    topic
        Under which workers tell.
    requests
        What to run on workers to begin and to end, pickled by value; empty to ask nobody.
    number_of
        Returns the number of the graph that what is told belongs to; None where there is none.
    tell
        Given the events for the kernel.
    """

    def __init__(
        self,
        scheduler: Any,
        topic: str,
        requests: tuple[bytes, ...],
        number_of: Callable[[Any], int | None],
        tell: Callable[[tuple[Any, ...]], None],
    ) -> None:
        self._scheduler = scheduler
        self._topic = topic
        self._requests = requests
        self._number_of = number_of
        self._tell = tell
        #: By graph and by what is warned of: what was told last, and how often it came.
        self._heard: dict[int, dict[Any, list[Any]]] = {}
        self._settled: asyncio.Event | None = None

    def begin(self, workers: Iterable[str]) -> None:
        """Ask workers to listen, in a moment."""
        self._ask(0, list(workers))

    def end(self) -> None:
        """Ask all workers to listen no longer, and leave nothing of what they told behind."""
        self._heard.clear()
        self._ask(1, list(self._scheduler.workers))
        self._forget_events()

    async def settle(self, seconds: float = SHORTLY) -> None:
        """Wait until workers have been asked, no longer than told."""
        if self._settled is not None:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._settled.wait(), seconds)

    def _ask(self, which: int, workers: list[str]) -> None:
        if not self._requests or not workers:
            return
        # Nobody waits for what is asked of a scheduler that closes, nor where one is simulated.
        with contextlib.suppress(Exception):
            settled = self._settled = asyncio.Event()
            background = self._scheduler._ongoing_background_tasks  # noqa: SLF001 - ends with it
            background.call_soon(self._ask_all, self._requests[which], workers, settled)

    async def _ask_all(self, request: bytes, workers: list[str], settled: asyncio.Event) -> None:
        try:
            for at in range(0, len(workers), MANY):
                began = monotonic()
                few = workers[at : at + MANY]
                await asyncio.gather(*(self._ask_one(request, worker) for worker in few))
                if at + MANY < len(workers):
                    await asyncio.sleep((monotonic() - began) / SHARE)
        finally:
            settled.set()

    async def _ask_one(self, request: bytes, worker: str) -> None:
        with contextlib.suppress(Exception):  # it has left, or will not listen
            call = self._scheduler.rpc(worker).run(function=request)
            await asyncio.wait_for(call, PATIENCE)

    def hear(self, told: Any) -> None:
        """Take in what a worker tells.

        Parameters
        ----------
        told
            What it says.
        """
        self._forget_events()
        if not isinstance(told, dict):
            return
        number = self._number_of(told)
        if number is None:
            return
        if "logger" in told:
            self._tell(("logged", number, told))
            return
        known = self._heard.setdefault(number, {})
        kind = told.get("category"), told.get("file"), told.get("line"), told.get("function")
        if kind not in known:
            if len(known) >= MOST_KINDS:
                return
            known[kind] = [{**told, "key": text(told.get("key"))}, 0, 0]
        entry = known[kind]
        entry[1] += int(told.get("count", 1))
        if entry[1] <= EACH or entry[1] >= 2 * entry[2]:
            self._say(number, entry)

    def _say(self, number: int, entry: list[Any]) -> None:
        entry[2] = entry[1]
        self._tell(("warned", number, {**entry[0], "count": entry[1]}))

    def over(self, number: int) -> None:
        """Tell what was not yet told of a graph that is over."""
        known: Mapping[Any, list[Any]] = self._heard.pop(number, {})
        for entry in known.values():
            if entry[1] > entry[2]:
                self._say(number, entry)

    def _forget_events(self) -> None:
        """Take what workers told out of what the scheduler keeps for those who ask for events."""
        with contextlib.suppress(AttributeError):
            self._scheduler._broker._topics.pop(self._topic, None)  # noqa: SLF001 - no public way


class HearingPlugin(LensPlugin):
    """The scheduler's half, which also hears what workers pass on.

    Parameters
    ----------
    *given, **named
        As for :class:`LensPlugin`.
    requests
        As for :class:`Hearing`.
    """

    hearing: Hearing

    def __init__(self, *given: Any, requests: tuple[bytes, ...] = (), **named: Any) -> None:
        super().__init__(*given, **named)
        self.requests = requests

    async def start(self, scheduler: Any) -> None:
        """Begin to answer, and to hear."""
        await super().start(scheduler)
        await self.hearing.settle()

    def begin(self, scheduler: Any) -> None:
        """Begin to answer, and to hear, on the scheduler's own event loop."""
        self.hearing = Hearing(
            scheduler, self.name, self.requests, self._number_of, self.events.put
        )
        #: When workers were asked last how much they hold on disk, and how much that was.
        self.looked, self.on_disk = 0.0, 0
        super().begin(scheduler)
        self.hearing.begin(scheduler.workers)
        self._spilled(0.0)

    def add_worker(self, scheduler: Any, worker: str) -> None:
        """Take note of a worker that joins."""
        super().add_worker(scheduler, worker)
        self.hearing.begin([worker])

    def log_event(self, topic: str, msg: Any) -> None:
        """Learn what a worker passes on, and whose a client inside tasks is."""
        if topic == self.name:
            self.hearing.hear(msg)
        else:
            super().log_event(topic, msg)

    def _number_of(self, told: dict[str, Any]) -> int | None:
        """Return the graph of the task that warned, or of one that the worker runs, or ran."""
        self.later.settle()
        key, worker = told.get("key"), told.get("worker")
        if "logger" in told:
            here = [key for key, (where, _) in self.running.items() if where == worker]
            number = next((self.owner[k].number for k in here if k in self.owner), self.opened)
            return number or None
        with contextlib.suppress(TypeError):  # no key at all
            group = self.owner.get(key, self.rest)
            return None if group is None else group.number
        return None

    def _close(self, group: Group, now: float) -> None:
        self.hearing.over(group.number)
        if now - self.looked >= LOOKS:
            more = self._spilled(now)
            if more >= LEAST_SPILLED:
                said = (
                    f"Workers wrote {more / 1e6:.0f} MB of results to disk, as memory was short."
                )
                told = {"logger": MEMORY, "level": WARNING, "message": said}
                self.events.put(("logged", group.number, told))
        super()._close(group, now)

    def _spilled(self, now: float) -> int:
        """Return by how much what workers hold on disk, as they last told, has grown."""
        before, self.looked = self.on_disk, now
        with contextlib.suppress(AttributeError):  # a simulated scheduler
            self.on_disk = sum(
                worker.metrics.get("spilled_bytes", {}).get("disk", 0)
                for worker in self.scheduler.workers.values()
            )
        return self.on_disk - before

    def _leave(self) -> None:
        if self.scheduler is not None:
            self.hearing.end()
        super()._leave()

    async def answer_soon(
        self, after: int = 0, limit: int = 65_536, leave: bool = False, wait: float = 0.0
    ) -> Any:
        """Return what is new; on leaving, once workers have been told."""
        answer = await super().answer_soon(after, limit, leave, wait)
        if leave:
            await self.hearing.settle(PATIENCE)
        return answer

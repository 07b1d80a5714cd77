"""Runs in the kernel: watches methods of actors being called, of which no scheduler hears.

A call goes straight to the actor's worker, which runs it in one thread that it has for all its
actors, and the future that the user holds is told the outcome. So much is timed from here: from
when the call is made, or the worker has done with the one before, until its outcome is there.

https://github.com/dask/distributed/blob/2026.8.0/distributed/actor.py#L190
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import time
from types import FrameType
from typing import Any

from dask_lens.observe.distributed_computation import DistributedComputation
from dask_lens.observe.journal import Journal, Recording
from dask_lens.observe.keys import text
from dask_lens.observe.link import Link
from dask_lens.observe.local import runs_a_task
from dask_lens.observe.sites import Sites
from dask_lens.observe.tap import MethodTap, Patches
from dask_lens.record.cell import Place
from dask_lens.record.run import NotJudged
from dask_lens.record.task import Task

_OUTSIDE = NotJudged(
    "task-times",
    "methods of actors run in a thread beside those of tasks, and could only be timed from here",
)


@dataclass(frozen=True)
class _Call:
    """A call under way."""

    computation: ActorCalls
    actor: str
    method: str
    worker: str
    start: float


class ActorCalls(DistributedComputation):
    """The calls from one line, each a task that waits for the one before of the same actor."""

    def __init__(self, link: Link, start: float) -> None:
        super().__init__(link, start)
        self._latest: dict[str, int] = {}

    def take_in(self, call: _Call, start: float, stop: float) -> None:
        """Take in a call that is over."""
        latest, number = self._latest.get(call.actor), -1 - len(self._keys)
        self._latest[call.actor] = number
        key = f"{call.method}-{len(self._keys)}"
        self.add_shape([number], [key], [[] if latest is None else [latest]])
        self.total += 1
        self.done += 1
        self.stop = max(stop, self.stop or 0.0)
        with self._lock:
            if len(self._tasks) < self.limit:
                ran = Task(key, call.method, call.worker, 0, start, stop, exact=False, ready=start)
                self._tasks.append(ran)
        self.sent -= 1


class Actors:
    """The hooks into the futures of calls.

    Parameters
    ----------
    journal
        Told of computations that open and close.
    sites
        Finds the cell and the line.
    links
        The connections of clients, by their identifiers.
    guarded
        Calls one of ours, so that its errors do not become the user's.
    wake
        Lets :meth:`drain` be called from now on, until nothing is under way.
    """

    def __init__(
        self,
        journal: Journal,
        sites: Sites,
        links: Mapping[str, Link],
        guarded: Callable[..., Any],
        wake: Callable[[], None],
    ) -> None:
        self.journal = journal
        self._sites = sites
        self._links = links
        self._guarded = guarded
        self._wake = wake
        self._lock = threading.RLock()  # a finalizer of the user may run inside
        self._calls: dict[int, _Call] = {}
        self._over: deque[tuple[_Call, float]] = deque()
        self._open: dict[ActorCalls, None] = {}
        #: Until when the thread of each worker's actors was at work.
        self._busy: dict[str, float] = {}

    def install(self, patches: Patches) -> None:
        """Put the hooks in place, where there are the functions that they need."""
        from distributed.actor import ActorFuture  # noqa: PLC0415 - it is there now

        begin, end = vars(ActorFuture).get("__init__"), vars(ActorFuture).get("_set_result")
        if begin is not None and end is not None:
            patches.put(ActorFuture, "__init__", MethodTap(begin, self._is_called))
            patches.put(ActorFuture, "_set_result", self._telling(end))

    def _is_called(self, frame: FrameType, future: Any) -> None:
        if frame.f_code.co_name == "func":
            self._guarded(self._begin, frame, future)

    def _begin(self, frame: FrameType, future: Any) -> None:
        actor, method = frame.f_locals["self"], frame.f_locals["key"]
        link = self._links.get(getattr(actor._client, "id", ""))  # noqa: SLF001 - no public name
        site = self._sites.at(frame.f_back) if link is not None and not runs_a_task() else None
        if link is None or site is None:
            return
        with self._lock:
            computation = self._computation(link, site.recording, site.place)
            if computation is not None:
                computation.sent += 1
        if computation is not None:
            name = f"{actor._cls.__name__}.{method}"  # noqa: SLF001 - no public name
            worker = actor._address  # noqa: SLF001 - no public name
            self._calls[id(future)] = _Call(computation, text(actor.key), name, worker, time())
            self._wake()

    def _computation(
        self, link: Link, recording: Recording, place: Place | None
    ) -> ActorCalls | None:
        burst = (self, link), place
        computation: Any = recording.bursts.get(burst)
        if computation is None:
            computation = recording.bursts[burst] = ActorCalls(link, time())
            recording.not_judged["task-times"] = _OUTSIDE
        if computation not in self._open:
            if not self.journal.open(computation, recording, place):
                return None
            self._open[computation] = None
        return computation  # type: ignore[no-any-return]  # it is one

    def _telling(self, end: Any) -> Any:
        def _set_result(future: Any, out: Any) -> None:
            call = self._calls.pop(id(future), None)
            if call is not None:
                self._over.append((call, time()))
            end(future, out)

        return _set_result

    def drain(self) -> bool:
        """Take in the calls that are over, and return whether others are under way."""
        with self._lock:
            while self._over:
                self._take_in(*self._over.popleft())
            closed = [one for one in self._open if not one.open]
            for computation in closed:
                del self._open[computation]
        for computation in closed:
            self.journal.close(computation)
        return bool(self._open)

    def _take_in(self, call: _Call, stop: float) -> None:
        start = max(call.start, self._busy.get(call.worker, 0.0))
        self._busy[call.worker] = stop
        call.computation.take_in(call, start, stop)

    def give_up(self) -> None:
        """End what is under way: nobody will tell any more."""
        self._calls.clear()
        with self._lock:
            for computation in self._open:
                computation.give_up(time())
        self.drain()

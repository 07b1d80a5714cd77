"""Runs on a distributed scheduler, sent there by value: how much of tasks' time was on the CPU.

Workers add up, by key prefix, the seconds that tasks spent on the CPU and off it, and tell the
scheduler with their heartbeats. A computation is over sooner: so the workers are asked. Where
they are many, the heartbeats are waited for.

What was spent between two readings belongs to the tasks that came back in between, in
proportion to the time they took.

https://github.com/dask/distributed/blob/2026.8.0/distributed/worker.py#L947
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Mapping
from time import monotonic, time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dask_lens.observe.group import Group

#: Workers that are asked one by one.
MANY = 32
#: Seconds that a worker may take to answer.
PATIENCE = 1.0
#: Asking may take this share of the time, most of it for answers to come.
SHARE = 0.02
#: Key prefixes that a worker tells about.
MAX_PREFIXES = 500

#: By key prefix, seconds on the CPU and off it.
Sums = Mapping[str, list[float]]


def worker_sums(dask_worker: Any) -> Sums:
    """Return, on a worker, what its tasks have spent so far."""
    return sums_of(dask_worker.digests_total)


def sums_of(metrics: Mapping[Any, float]) -> dict[str, list[float]]:
    """Add up fine performance metrics of tasks by key prefix."""
    labels = ("thread-cpu", "thread-noncpu")
    sums: dict[str, list[float]] = {}
    for name, value in list(metrics.items()):
        if type(name) is tuple and name[0] == "execute" and name[-2] in labels:
            if name[-3] not in sums and len(sums) >= MAX_PREFIXES:
                continue
            sums.setdefault(name[-3], [0.0, 0.0])[labels.index(name[-2])] += value
    return sums


class Reading:
    """What workers told at one time.

    Parameters
    ----------
    asked
        The workers that were there.
    """

    def __init__(self, asked: Iterable[str] = ()) -> None:
        self.asked = frozenset(asked)
        self.sums: dict[str, Sums] = {}

    def since(self, earlier: Reading, prefixes: Iterable[str]) -> dict[str, float]:
        """Return, by prefix, the share of time on the CPU; without what is not known."""
        shares = {}
        for prefix in prefixes:
            on = off = 0.0
            for worker, sums in self.sums.items():
                if worker in earlier.asked and worker not in earlier.sums:
                    continue  # it did not answer then
                now = sums.get(prefix, (0.0, 0.0))
                then = earlier.sums.get(worker, {}).get(prefix, (0.0, 0.0))
                on += max(now[0] - then[0], 0.0)
                off += max(now[1] - then[1], 0.0)
            if on + off > 0:
                shares[prefix] = on / (on + off)
        return shares


class CpuProbe:
    """Takes readings, seldom enough, when a graph is over.

    Parameters
    ----------
    scheduler
        The scheduler.
    question
        :func:`worker_sums`, pickled by value.
    groups
        Returns the graphs that are under way.
    tell
        Told of a graph that is over once its CPU time is known, as far as it will be.
    """

    def __init__(
        self,
        scheduler: Any,
        question: bytes,
        groups: Callable[[], Iterable[Group]],
        tell: Callable[[Group], None],
    ) -> None:
        self.scheduler = scheduler
        self.question = question
        self.many = MANY
        self._groups = groups
        self._tell = tell
        self._last = Reading()
        self._over: list[Group] = []
        self._wanted = False
        self._hurry = asyncio.Event()
        self._settled = asyncio.Event()
        self._settled.set()
        self._task: asyncio.Task[None] | None = None
        self._next = 0.0

    @property
    def pending(self) -> bool:
        """Whether a reading is on its way."""
        return not self._settled.is_set()

    def over(self, group: Group) -> None:
        """Find out what a graph that has just ended has spent."""
        self._over.append(group)
        self._want()

    def _want(self) -> None:
        self._wanted = True
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())
            self._settled.clear()

    async def settle(self, seconds: float) -> None:
        """Take the readings that are wanted now, waiting no longer than told."""
        self._hurry.set()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._settled.wait(), seconds)

    def close(self) -> None:
        """Ask no more."""
        if self._task is not None:
            self._task.cancel()
        self._over.clear()

    async def baseline(self) -> None:
        """Note what workers have spent before, waiting but shortly for their answers."""
        if len(self.scheduler.workers) > self.many:
            self._last = Reading(["all"])
            self._last.sums["all"] = sums_of(self.scheduler.cumulative_worker_metrics)
        elif self.scheduler.workers:
            self._want()
            await self.settle(PATIENCE / 5)

    async def _run(self) -> None:
        try:
            while self._wanted:
                with contextlib.suppress(asyncio.TimeoutError):
                    pause = max(self._next - monotonic(), 0.0)
                    await asyncio.wait_for(self._hurry.wait(), pause)
                self._hurry.clear()
                self._wanted = False
                began = monotonic()
                await self._take()
                self._next = monotonic() + (monotonic() - began) / SHARE
        finally:
            self._task = None
            self._settled.set()

    async def _take(self) -> None:
        """Take a reading and share it out among the graphs."""
        under_way = self._groups()
        over, self._over = self._over, []
        spent = [(group, group.take_spent()) for group in (*under_way, *over)]
        try:
            reading = await self._read()
            prefixes = {prefix for _, busy in spent for prefix in busy}
            shares = reading.since(self._last, prefixes)
            self._last = reading
            for group, busy in spent:
                group.learn(busy, shares)
        finally:  # the kernel waits for it
            for group in over:
                self._tell(group)

    async def _read(self) -> Reading:
        workers = list(self.scheduler.workers)
        if len(workers) > self.many:
            return await self._read_heartbeats()
        reading = Reading(workers)
        if self.question:
            await asyncio.gather(*(self._ask(worker, reading) for worker in workers))
        return reading

    async def _ask(self, worker: str, reading: Reading) -> None:
        with contextlib.suppress(Exception):  # it has left, or will not tell
            call = self.scheduler.rpc(worker).run(function=self.question)
            answer = await asyncio.wait_for(call, PATIENCE)
            result = answer["result"]
            if hasattr(result, "frames"):  # still serialized: nobody but us wants to read it
                from distributed.protocol import deserialize  # noqa: PLC0415 - seldom

                result = deserialize(result.header, result.frames)
            reading.sums[worker] = getattr(result, "data", result)

    async def _read_heartbeats(self) -> Reading:
        """Wait for a heartbeat of each worker that is there."""
        scheduler = self.scheduler
        reading = Reading(["all"])
        began = time()
        workers = set(scheduler.workers)
        until = began + 2 * len(workers) / 200 + 3
        while workers and time() < until:
            await asyncio.sleep(0.25)
            workers = {
                worker
                for worker in workers & set(scheduler.workers)
                if scheduler.workers[worker].last_seen < began + PATIENCE / 10
            }
        reading.sums["all"] = sums_of(scheduler.cumulative_worker_metrics)
        return reading

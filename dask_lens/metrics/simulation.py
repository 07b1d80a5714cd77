"""A replay of tasks under a scheduler: who runs what when, and what the scheduler takes itself.

Local schedulers follow the fire loop of ``dask.local.get_async`` (see
:mod:`dask_lens.metrics.batches`): one thread takes results in, one by one, and sends jobs of up to
``chunksize`` tasks. A distributed scheduler sends what is ready, a little ahead of the workers'
threads. What they send is run by :mod:`dask_lens.metrics.lanes`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dask_lens.metrics.costs import Costs
from dask_lens.metrics.lanes import Lanes
from dask_lens.metrics.setup import Setup
from dask_lens.metrics.singly import singly
from dask_lens.metrics.timing import Timing
from dask_lens.metrics.turns import SharedLanes
from dask_lens.metrics.work import Work

#: Tasks beyond which the sharing of processors and of the GIL is averaged over the run.
_AVERAGED = 10_000


def simulate(
    work: Work,
    setup: Setup,
    costs: Costs,
    *,
    off: Sequence[float] | None = None,
    cpu: Sequence[float] | None = None,
) -> Timing:
    """Replay tasks.

    Parameters
    ----------
    work, setup, costs
        The tasks, where they run, and what the scheduler takes.
    off, cpu
        Seconds off and on the CPU to replay in place of the recorded ones. Tasks that wait for
        each other in a cycle raise a ValueError.
    """
    off = work.off if off is None else off
    cpu = work.cpu if cpu is None else cpu
    if not len(off):
        return Timing(0.0, 0.0, 0.0, 0.0)
    return _Scheduler(work, setup, costs, off, cpu).run()


class _Scheduler:
    def __init__(
        self, work: Work, setup: Setup, costs: Costs, off: Sequence[float], cpu: Sequence[float]
    ) -> None:
        self.setup, self.costs = setup, costs
        self.count = len(off)
        self.waiting = [len(needs) for needs in work.dependencies]
        self.dependents = work.dependents
        # A stack: the task with the best priority is taken first, from the end.
        self.ready = [task for task in reversed(range(self.count)) if not self.waiting[task]]
        self.sent = 0
        self.slots, self.chunksize, self.ahead = setup.slots, setup.chunksize, None
        if setup.scheduler == "distributed":
            self.chunksize, self.ahead = 1, setup.ahead
        self.through = work.through
        self.clock = costs.lead + costs.each * self.count
        self.booting, boot = 0, 0.0
        if setup.scheduler == "processes":
            self.booting = min(setup.slots, -(len(self.ready) // -setup.chunksize))
            boot = costs.boot * max(1.0, self.booting / (setup.cores or self.booting or 1))
        self.floor = self._floor(work.held, sum(cpu))
        if self.floor and setup.scheduler == "threads":
            # The scheduler's thread takes turns with the tasks, at the same interpreter.
            own = costs.send + costs.send_task
            cpu = [seconds + own for seconds in cpu]
            self.floor += own * self.count
            self.costs = replace(costs, send=0.0, send_task=0.0)
        self.more, self.there = self.costs.send_task, costs.latency / 2
        self.each = self.costs.send + self.more
        shares = self.floor > 0 and self.count <= _AVERAGED
        off = [a + b for a, b in zip(off, work.movement, strict=True)]
        kind = SharedLanes if shares else Lanes
        self.lanes = kind(setup, off, cpu, held=work.held, boot=boot, between=costs.between)

    def _floor(self, held: float, busy: float) -> float:
        """Return seconds that processors or the GIL take; 0 where there is enough of them."""
        setup = self.setup
        floor = 0.0
        if setup.cores is not None and setup.cores < setup.slots:
            floor = busy / setup.cores
        if setup.threads > 1:
            floor = max(floor, busy * held * setup.threads / setup.slots)
        return floor

    def run(self) -> Timing:
        lanes, least, back = self.lanes, self.costs.least, self.costs.latency / 2
        waiting, dependents, ready = self.waiting, self.dependents, self.ready
        done, last = 0, 0.0
        if self.chunksize == 1 and not lanes.exact:
            most = self.ahead or self.slots
            tasks = ready, waiting, dependents
            self.clock, last, done = singly(lanes, tasks, self.clock, most, self.costs)
        else:
            self.fire()
        while lanes.jobs:
            last, batch, sent = lanes.next()
            done += len(batch)
            self.clock = max(self.clock, last + back, sent + least)
            self.sent -= len(batch)
            for task in batch:
                for dependent in dependents[task]:  # the best of them last
                    waiting[dependent] -= 1
                    if not waiting[dependent]:
                        ready.append(dependent)
            if ready:
                self.fire()
        if done != self.count:
            raise ValueError(f"{self.count - done} tasks wait for each other in a cycle")
        return self._timing(last)

    def fire(self) -> None:
        """Send what is ready, as far as there are workers for it."""
        ready, chunksize = self.ready, self.chunksize
        if self.ahead is not None:
            count = min(len(ready), self.ahead - self.sent)
        else:
            # Workers are counted by running tasks, not by jobs, so a pool may get more jobs
            # than it has workers; those queue.
            used = -(self.sent // -chunksize)
            count = min(len(ready), chunksize * (self.slots - used))
        self.sent += max(count, 0)
        each, there, start = self.each, self.there, self.lanes.start
        while count > 0:
            size = min(chunksize, count)
            batch = ready[: -size - 1 : -1]
            del ready[-size:]
            count -= size
            self.clock += each if size == 1 else each + self.more * (size - 1)
            start(self.clock, self.clock + there, batch)

    def _timing(self, last: float) -> Timing:
        costs, lanes, cores = self.costs, self.lanes, self.setup.cores
        if not lanes.exact:
            last = max(last, lanes.first + self.floor)
        last = max(last, lanes.first + self.through)
        result = max(self.clock, last) + costs.trail
        closing = 0.0
        if self.setup.scheduler == "processes":
            closing = costs.close * max(1.0, lanes.booted / (cores or lanes.booted or 1))
        return Timing(min(lanes.first, last), last, result, result + closing, self.booting)

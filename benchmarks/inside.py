"""What runs inside a cluster for the table of truth: a task with tasks in it, and a clock."""

from __future__ import annotations

import time
from typing import Any

from distributed import SchedulerPlugin, worker_client
from known import Stamp, Told, sleep, work


def nest(name: str, count: int, seconds: float) -> Told:
    """Run as a task: submit tasks from inside, and wait for them out of the way of others."""
    begin, cpu = time.time(), time.thread_time()
    with worker_client() as client:
        names = [f"{name}-{i}" for i in range(count)]
        futures = [
            client.submit(work, n.encode(), sleep, seconds, 0, key=n, pure=False) for n in names
        ]
        submitted = time.time()
        told: Told = {}
        for one in client.gather(futures):
            told.update(one)
    for one in told.values():
        one.submitted = submitted
    told[name] = Stamp(begin, time.time(), time.thread_time() - cpu)
    return told


class Arrivals(SchedulerPlugin):
    """Notes, on a scheduler, when graphs arrive there."""

    name = "arrivals-of-truth"

    def __init__(self) -> None:
        self.times: list[float] = []

    def update_graph(self, _scheduler: Any, **_: Any) -> None:
        """Take note of one."""
        self.times.append(time.time())


def arrivals(dask_scheduler: Any) -> list[float]:
    """Return what was noted."""
    times: list[float] = dask_scheduler.plugins[Arrivals.name].times
    return times

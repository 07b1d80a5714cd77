"""Runs on a distributed scheduler, sent there by value: what ran and brought no result.

A scheduler says nothing of an attempt that erred and is made again, nor of one that was cut short
as its worker left, or as nobody wanted its result any more. Of the first kind the worker tells
when it ran, and the scheduler lets that fall. Of the second nobody does: what is known is since
when the worker had the task, and when its threads had ended others.

https://github.com/dask/distributed/blob/2026.8.0/distributed/scheduler.py#L5506
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from time import time
from types import FrameType
from typing import Any

from dask_lens.observe.group import ENDS, Group, Written
from dask_lens.observe.meter import Meter

#: States in which a task could run, or does; that and those in which it has ended.
RUNNABLE = frozenset({"queued", "no-worker", "processing"})
TOLD = RUNNABLE | ENDS
#: What becomes of a task that ran in vain.
CUT = frozenset({"released", "erred"})
#: Seconds for which it is known what workers are at: many tasks may be cancelled together.
BRIEFLY = 0.05
#: Frames between a worker's message and a plugin.
NEAR = 8


class Threads:
    """Until when the threads of workers were at work, as far as their tasks tell."""

    def __init__(self) -> None:
        self._stops: dict[str, dict[int, float]] = {}
        self.written = Written()
        self._first: dict[str, list[Any]] = {}
        self._looked = 0.0

    def ended(self, worker: str, thread: int, stop: float) -> None:
        """Take note that a thread has ended a task."""
        threads = self._stops.get(worker)
        if threads is None:
            threads = self._stops[worker] = {}
        threads[thread] = stop

    def forget(self, worker: str) -> None:
        """Forget a worker that has left."""
        self._stops.pop(worker, None)
        self.written.forget(worker)

    def in_vain(
        self, key: Any, running: Mapping[Any, tuple[str, float]], meter: Meter
    ) -> dict[str, Any]:
        """Return what is known of an attempt that ends now, as its worker would tell it.

        Parameters
        ----------
        key
            The task.
        running
            Where each task is being processed and since when, in this order.
        meter
            Knows how many threads workers have.
        """
        told = _told_of_error()
        if told or key not in running:
            return told
        worker, sent = running[key]
        nthreads, now = meter.threads_of(worker), time()
        at_work = self._at_work(running, meter, now).get(worker, [])
        if key not in at_work:  # others have all the threads
            return {}
        stops = self._stops.get(worker, {})
        free = sorted((stop, thread) for thread, stop in stops.items())
        free = [(0.0, -i) for i in range(1, nthreads - len(free) + 1)] + free
        since, thread = free[at_work.index(key)]
        start = max(since, sent)
        if start >= now:
            return {}
        self.ended(worker, thread, now)
        step = {"action": "compute", "start": start, "stop": now}
        return {"startstops": [step], "worker": worker, "thread": thread, "outcome": "released"}

    def _at_work(
        self, running: Mapping[Any, tuple[str, float]], meter: Meter, now: float
    ) -> dict[str, list[Any]]:
        """Return, by worker, the tasks that it was sent first, as many as it has threads."""
        if not 0 <= now - self._looked < BRIEFLY:
            self._looked, self._first = now, {}
            for key, (worker, _) in running.items():
                first = self._first.setdefault(worker, [])
                if len(first) < meter.threads_of(worker):
                    first.append(key)
        return self._first


def _told_of_error() -> dict[str, Any]:
    """Return what a worker tells of an attempt that is to be made again; empty of others."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - no public way
    for _ in range(NEAR):
        if frame is None:
            break
        if frame.f_code.co_name == "stimulus_task_erred":
            values = frame.f_locals
            return {**values["kwargs"], "worker": values["worker"], "outcome": "erred"}
        frame = frame.f_back
    return {}


def taken_in(
    key: Any,
    index: Mapping[Any, int],
    groups: Mapping[int, Group],
    owner: dict[Any, Group],
    meter: Meter,
) -> Group | None:
    """Take in a task that runs again: its result was lost, or is asked for once more.

    Parameters
    ----------
    key
        The task.
    index
        The numbers of tasks.
    groups
        The graphs under way.
    owner
        The graph of each task that has not ended.
    meter
        Counts those.

    Returns
    -------
    Group or None
        The graph it belongs to, or else the latest; None where none is under way.
    """
    latest = None
    for latest in groups.values():
        if index[key] in latest.numbers:
            break
    if latest is not None:
        owner[key] = latest
        latest.left += 1
        meter.left += 1
    return latest

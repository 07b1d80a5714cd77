"""Runs on a distributed scheduler, sent there by value: where thread-seconds go, as they pass.

What the scheduler knows while tasks run is who works on how many of them, not since when: that
comes back with the task. Until then the time is ``tasks``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dask_lens.observe.cpu_probe import Sums, sums_of


class Meter:
    """Integrates threads, tasks in flight and tasks that could run, from event to event."""

    def __init__(self) -> None:
        self.threads = 0
        #: Tasks that could run or do; those on a thread; all that have not ended.
        self.alive = 0
        self.busy = 0
        self.left = 0
        self._workers: dict[str, list[int]] = {}
        self._last: float | None = None
        #: Since when it measures, or did.
        self.since = 0.0
        self._before: Sums = {}
        self._reset()

    def _reset(self) -> None:
        self.alive = self.left = 0
        self.total = self.in_flight = 0.0
        self.scheduling = self.dependencies = self.tail = self.client = 0.0
        self.ran = self.moved = self.latency = 0.0

    def run(self, now: float, metrics: Mapping[Any, float]) -> None:
        """Measure from now on, from zero.

        Parameters
        ----------
        now
            The time.
        metrics
            The scheduler's ``cumulative_worker_metrics``.
        """
        self._reset()
        self._last = self.since = now
        self._before = sums_of(metrics)

    def rest(self, now: float) -> None:
        """Measure no more until the next :meth:`run`."""
        self.advance(now)
        self._last = None

    def add_worker(self, address: str, nthreads: int, now: float) -> None:
        """Count a worker's threads."""
        self.advance(now)
        self.remove_worker(address, now)
        self._workers[address] = [nthreads, 0]
        self.threads += nthreads

    def remove_worker(self, address: str, now: float) -> None:
        """Count them no more."""
        self.advance(now)
        nthreads, processing = self._workers.pop(address, (0, 0))
        self.threads -= nthreads
        self.busy -= min(nthreads, processing)

    def threads_of(self, address: str) -> int:
        """Return how many threads a worker has, or had if it is about to go."""
        return self._workers.get(address, (0, 0))[0]

    def sent(self, address: str, now: float) -> None:
        """Take note that a worker got a task."""
        worker = self._workers.get(address)
        if worker is not None:
            self.advance(now)
            worker[1] += 1
            if worker[1] <= worker[0]:
                self.busy += 1

    def returned(self, address: str, now: float) -> bool:
        """Take note that it has it no more; return whether a thread is free now."""
        worker = self._workers.get(address)
        if worker is None:
            return False
        self.advance(now)
        worker[1] -= 1
        if worker[1] >= worker[0]:
            return False
        self.busy -= 1
        return True

    def advance(self, now: float) -> None:
        """Account for the time since the last event."""
        if self._last is None or now == self._last:
            return
        width = now - self._last
        self._last = now
        threads, busy = self.threads, self.busy
        self.total += threads * width
        self.in_flight += busy * width
        idle = threads - busy
        if idle <= 0:
            return
        starved = min(idle, max(self.alive - busy, 0))
        self.scheduling += starved * width
        rest = (idle - starved) * width
        if not self.alive:
            self.client += rest
        elif self.left <= self.alive:
            self.tail += rest
        else:
            self.dependencies += rest

    def accounts(
        self, now: float, metrics: Mapping[Any, float], prefixes: Iterable[str]
    ) -> dict[str, float]:
        """Return the thread-seconds so far; nothing while nothing is measured.

        Parameters
        ----------
        now
            The time.
        metrics
            The scheduler's ``cumulative_worker_metrics``.
        prefixes
            Key prefixes of the tasks under way.
        """
        self.advance(now)
        if self._last is None:
            return {}
        cpu = waiting = 0.0
        told = sums_of(metrics)
        for prefix in told.keys() & set(prefixes):
            before = self._before.get(prefix, (0.0, 0.0))
            cpu += told[prefix][0] - before[0]
            waiting += told[prefix][1] - before[1]
        moved = min(self.moved, self.in_flight)
        late = min(self.latency, self.in_flight - moved)
        inside = self.in_flight - moved - late
        on = min(cpu, self.ran, inside)
        off = min(waiting, max(self.ran - on, 0.0), inside - on)
        return {
            "total": self.total,
            "cpu": on,
            "waiting": off,
            "movement": moved,
            "scheduling": self.scheduling + late,
            "dependencies": self.dependencies,
            "tail": self.tail,
            "client": self.client,
            "tasks": inside - on - off,
        }

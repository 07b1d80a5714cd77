"""Threads of a replay that take turns, at the GIL of their process or at the processors.

Those that compute all go on at the same pace, which is that of the share there is.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from dask_lens.metrics.lanes import Lanes
from dask_lens.metrics.setup import Setup

_ARRIVES, _OFF, _HOLDS, _COMPUTES, _FREES = range(5)


@dataclass(eq=False)
class _Job:
    """A job in one thread: its tasks one by one, each off the CPU first and then on it."""

    batch: list[int]
    sent: float
    at: int = 0
    phase: int = _ARRIVES
    lane: int = -1


class _Turns:
    """Those who share one thing, each at the same pace."""

    def __init__(self) -> None:
        self.clock = 0.0
        self.pace = 1.0
        self.ends: list[tuple[float, int, _Job]] = []

    def due(self) -> float:
        """Return the seconds until the first of them has had its part."""
        return max(self.ends[0][0] - self.clock, 0.0) / self.pace


class SharedLanes(Lanes):
    """Threads that wait for processors and for the GIL."""

    exact = True

    def __init__(
        self, setup: Setup, off: Sequence[float], cpu: Sequence[float], **rest: float
    ) -> None:
        super().__init__(setup, off, cpu, **rest)
        self.off, self.cpu = off, cpu
        self.held = self.held if setup.threads > 1 else 0.0
        self._now = 0.0
        self._timed: list[tuple[float, int, _Job]] = []
        self._queue: deque[_Job] = deque()
        self._idle = set(range(self.booted))
        self._processors = _Turns()
        self._interpreters = [_Turns() for _ in range(setup.slots // setup.threads)]
        self._used = [0] * len(self._interpreters)

    def start(self, sent: float, arrives: float, batch: list[int]) -> None:
        """Take a job in."""
        self.jobs += 1
        self._at(arrives, _Job(batch, sent))

    def next(self) -> tuple[float, list[int], float]:
        """Return when the next job ends, its tasks, and when it was sent."""
        while True:
            job = self._event()
            if job.phase == _ARRIVES:
                self._queue.append(job)
                if not self._idle and self.booted < self.slots:
                    self._boot()
                self._employ()
            elif job.phase == _FREES:
                self._leave(job.lane)
            elif self._goes_on(job):
                self.jobs -= 1
                job.phase = _FREES
                self._at(self._now + self.between, job)
                return self._now, job.batch, job.sent

    def _boot(self) -> None:
        self._used[self.booted // self.setup.threads] += 1
        self._at(self._now + self.boot, _Job([], 0.0, phase=_FREES, lane=self.booted))
        self.booted += 1

    def _leave(self, lane: int) -> None:
        self._used[lane // self.setup.threads] -= 1
        self._idle.add(lane)
        self._employ()

    def _employ(self) -> None:
        """Give jobs to idle threads, of the processes that do least."""
        threads, used = self.setup.threads, self._used
        while self._queue and self._idle:
            lane = min(self._idle, key=lambda lane: (used[lane // threads], lane))
            self._idle.discard(lane)
            used[lane // threads] += 1
            job = self._queue.popleft()
            job.lane = lane
            self.first = min(self.first, self._now)
            self._goes_on(job)

    def _goes_on(self, job: _Job) -> bool:
        """Take a job to its next phase that takes time; return whether there is none."""
        while job.at < len(job.batch):
            task = job.batch[job.at]
            job.phase += 1
            if job.phase == _OFF:
                self._at(self._now + self.off[task], job)
                return False
            if job.phase == _HOLDS and self.held:
                seconds = self.cpu[task] * self.held
                self._turn(self._interpreters[job.lane // self.setup.threads], seconds, job)
                return False
            if job.phase == _COMPUTES and self.held < 1:
                self._turn(self._processors, self.cpu[task] * (1 - self.held), job)
                return False
            if job.phase >= _COMPUTES:
                job.at, job.phase = job.at + 1, _ARRIVES
        return True

    def _at(self, when: float, job: _Job) -> None:
        self._number += 1
        heapq.heappush(self._timed, (when, self._number, job))

    def _turn(self, turns: _Turns, seconds: float, job: _Job) -> None:
        self._number += 1
        heapq.heappush(turns.ends, (turns.clock + seconds, self._number, job))

    def _event(self) -> _Job:
        """Let time go on to where a job comes to the end of what it does."""
        active = [turns for turns in self._interpreters if turns.ends]
        wanted = len(active) + len(self._processors.ends)
        share = min(1.0, (self.setup.cores or wanted) / wanted) if wanted else 1.0
        for turns in active:
            turns.pace = share / len(turns.ends)
        if self._processors.ends:
            self._processors.pace = share
            active.append(self._processors)
        first = min(active, key=_Turns.due, default=None)
        due = self._now + first.due() if first is not None else float("inf")
        if self._timed and self._timed[0][0] <= due:
            due, first = self._timed[0][0], None
        for turns in active:
            turns.clock += (due - self._now) * turns.pace
        self._now = due
        return heapq.heappop(self._timed if first is None else first.ends)[2]

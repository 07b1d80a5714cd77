"""Runs in the kernel: the jobs that a local scheduler has sent to its pool."""

from __future__ import annotations

from collections.abc import Sequence
from time import time
from typing import Any


class Jobs:
    """Counts the pool jobs in flight, each of which runs its tasks one after another.

    The callbacks before the tasks of all jobs that are sent together come in one go, in the
    order in which ``get_async`` cuts them into jobs.
    """

    def __init__(self, workers: int, chunksize: int) -> None:
        self.running = 0
        self._workers = workers
        self._chunksize = chunksize
        #: Tasks of a job, of those that are sent together.
        self._size = 0
        #: Tasks that the job which is being cut still takes.
        self._room = 0
        #: Of each task, its job: tasks that are still out, and when it was sent.
        self._job_of: dict[Any, list[float]] = {}
        self._job: list[float] = []

    def sent(self, key: Any, ready: Sequence[Any]) -> None:
        """Take note of a task on its way.

        Parameters
        ----------
        key
            The task.
        ready
            Others that are ready.
        """
        if not self._room:
            self._cut(len(ready) + 1)
        self._room -= 1
        self._job[0] += 1
        self._job_of[key] = self._job

    def _cut(self, ready: int) -> None:
        if not self._size:
            self._size = -(ready // -self._workers) if self._chunksize == -1 else self._chunksize
        self._room = self._size
        self._job = [0, time()]
        self.running += 1

    def under_way(self) -> list[float]:
        """Return when each of the jobs that are out was sent."""
        jobs = {id(job): job[1] for job in list(self._job_of.values())}
        return sorted(jobs.values())[: self._workers]

    def out(self, erred: Any) -> list[tuple[Any, float]]:
        """Return the first task of each job at work and when it was sent; not that which erred."""
        jobs: dict[int, tuple[Any, float]] = {}
        but = self._job_of.get(erred)
        for key, job in self._job_of.items():
            if job is not but:
                jobs.setdefault(id(job), (key, job[1]))
        return list(jobs.values())[: self._workers - (but is not None)]

    def returned(self, key: Any) -> None:
        """Take note of a task that came back."""
        self._room = self._size = 0
        job = self._job_of.pop(key)
        job[0] -= 1
        if job[0] == 0:
            self.running -= 1

"""Runs in the kernel: which workers were there when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from dask_lens.record.cluster import Worker

#: Workers that have left and are remembered: a cluster may come and go all day.
REMEMBERED = 10_000


class Workers:
    """The workers of one scheduler, those that have left among them."""

    def __init__(self) -> None:
        self._there: dict[str, Worker] = {}
        self._gone: list[Worker] = []

    def joined(self, address: str, nthreads: int, limit: int | None, when: float | None) -> None:
        """Take note of a worker.

        Parameters
        ----------
        address, nthreads, limit
            Its address, threads and bytes of memory.
        when
            When it joined; None where it was there before.
        """
        if address in self._there and when is not None:
            self.left(address, when)  # it is another, or has another number of threads
        self._there[address] = Worker(address, nthreads, when, None, limit)

    def left(self, address: str, when: float) -> None:
        """Take note that a worker has left."""
        worker = self._there.pop(address, None)
        if worker is not None:
            self._gone.append(replace(worker, left=when))
            del self._gone[:-REMEMBERED]

    def between(self, start: float, stop: float | None) -> tuple[Worker, ...]:
        """Return the workers that were there at any time in between."""
        return tuple(
            worker
            for worker in [*self._gone, *self._there.values()]
            if (worker.left is None or worker.left > start)
            and (stop is None or worker.joined is None or worker.joined < stop)
        )


def most_threads(workers: Iterable[Worker]) -> int:
    """Return the most threads that were there at one time."""
    changes = []
    for worker in workers:
        changes.append((worker.joined or 0.0, worker.nthreads))
        if worker.left is not None:
            changes.append((worker.left, -worker.nthreads))
    most = now = 0
    for _, change in sorted(changes):
        now += change
        most = max(most, now)
    return most

"""Runs on a distributed scheduler, sent there by value: whether tasks that wait hold it up.

While a task waits for tasks it has submitted it holds its thread, unless it has left it
(``secede``), which the scheduler is told of. When every thread is held by such a task, nothing
can run any more.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Collection
from typing import Any

#: Percent of one processor below which a worker does nothing.
IDLE = 50.0


class Standstill:
    """Sees when every thread is held by a task that waits for tasks of its own."""

    def __init__(self) -> None:
        self._clients: set[str] = set()
        self._asked: Counter[str] = Counter()
        self._open: set[int] = set()
        self._moved = 0.0

    def hear(self, topic: str, message: Any) -> None:
        """Learn of a task that gets itself a client."""
        if topic in ("worker-get-client", "worker-client") and isinstance(message, dict):
            with contextlib.suppress(KeyError):
                self._clients.add(message["client"])
                self._asked[message["worker"]] += topic == "worker-get-client"

    def opens(self, client: str, number: int, now: float) -> None:
        """Take note of a graph, which a task has submitted if tasks have this client.

        Workers in the process of the notebook give their tasks the notebook's own client.
        """
        self._moved = now
        if client in self._clients:
            self._open.add(number)

    def moves(self, now: float) -> None:
        """Take note that a task has ended."""
        self._moved = now

    def seconds(self, scheduler: Any, groups: Collection[int], now: float) -> float:
        """Return for how many seconds every thread has been held by a task that waits.

        Parameters
        ----------
        scheduler
            The scheduler.
        groups
            The graphs with tasks left.
        now
            The time.
        """
        self._open.intersection_update(groups)
        workers = list(scheduler.workers.values())
        if not self._open or not workers:
            return 0.0
        return now - self._moved if all(map(self._is_held, workers)) else 0.0

    def _is_held(self, worker: Any) -> bool:
        held = len(worker.processing) - len(worker.long_running)
        asked = min(held, self._asked[worker.address])
        return bool(asked >= worker.nthreads and worker.metrics.get("cpu", 0.0) < IDLE)

"""Runs on a distributed scheduler, sent there by value: which tasks submit others from inside."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any


class Parents:
    """Knows which worker a client inside tasks belongs to."""

    def __init__(self) -> None:
        self._workers: dict[str, str] = {}

    def learn(self, topic: str, message: Any) -> None:
        """Take in an event that distributed logs."""
        if topic in ("worker-get-client", "worker-client") and isinstance(message, dict):
            with contextlib.suppress(KeyError):
                self._workers[message["client"]] = message["worker"]

    def of(
        self,
        client: str,
        scheduler: Any,
        running: Mapping[Any, tuple[str, float]],
        owner: Mapping[Any, Any],
    ) -> Any:
        """Return the task that has submitted from inside, if that can be known, else None.

        Parameters
        ----------
        client
            The client inside it.
        scheduler
            Knows which tasks have left their thread.
        running
            Where each task is being processed, and since when.
        owner
            The graph of each.
        """
        worker = self._workers.get(client)
        candidates = [
            key
            for key, (address, _) in running.items()
            if key in owner and (worker is None or address == worker)
        ]
        away = [key for key in candidates if left_its_thread(scheduler, key)]
        return max(away or candidates, key=lambda key: owner[key].number, default=None)


def left_its_thread(scheduler: Any, key: Any) -> bool:
    """Whether a task that runs has left its thread to others."""
    state = scheduler.tasks.get(key)
    worker = getattr(state, "processing_on", None)
    return worker is not None and state in getattr(worker, "long_running", ())

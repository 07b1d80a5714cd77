"""Runs on a distributed scheduler, sent there by value: how far workers' clocks are off."""

from __future__ import annotations

#: Seconds: results that took longer to come back are odd, and how exact clocks are.
LATE = 0.1
JITTER = 0.001


class Clocks:
    """Learns from each task what to add to the times that its worker reports."""

    def __init__(self) -> None:
        self._shifts: dict[str, float] = {}

    def shift(
        self, worker: str, start: float, stop: float, sent: float | None, now: float
    ) -> float:
        """Return what to add to a task's times so that they can be true on our clock.

        A worker adds its idea of how far its clock is from ours. Right after it has joined
        that can be off by a second: the idea comes from one slow round trip. But no task
        starts before it was sent or comes back before it has stopped.

        https://github.com/dask/distributed/blob/2026.8.0/distributed/worker.py#L1127

        Parameters
        ----------
        worker
            Its address.
        start, stop
            The times it reports.
        sent, now
            When the task was sent to it, where that is known, and when it came back.
        """
        sent = stop if sent is None else sent
        known = self._shifts.get(worker, 0.0)
        for shift in (0.0, known) if now - stop < LATE else (known, 0.0):
            if sent - JITTER <= start + shift and stop + shift <= now:
                break
        else:
            shift = min(max(sent - start, 0.0), now - stop)
        self._shifts[worker] = shift
        return shift

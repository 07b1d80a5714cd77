"""Many tasks, added up over time."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Timeline:
    """Thread-seconds of all tasks of a computation in bins of equal width: exact sums.

    Parameters
    ----------
    start
        Where the first bin begins, seconds since the epoch: when the first task could run.
    width
        Seconds of each bin.
    busy
        For each bin, seconds that tasks ran.
    moving
        Seconds that threads waited for the data of their next task.
    runnable
        Seconds that tasks could have run and did not.
    last_start, last_stop
        When the last task started, and when the last one stopped.
    cpu
        Seconds of all tasks on the CPU; None where not measured.
    """

    start: float
    width: float
    busy: tuple[float, ...]
    moving: tuple[float, ...]
    runnable: tuple[float, ...]
    last_start: float
    last_stop: float
    cpu: float | None = None

"""How things stand this very moment: what the gauge draws."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Live:
    """A look at the schedulers while they run.

    Parameters
    ----------
    time
        When the look was taken, seconds since the epoch.
    running
        Tasks running now. For the processes scheduler: pool jobs in flight, as each runs
        its tasks one after another.
    threads
        Threads that could run tasks now.
    done, total
        Tasks finished, and tasks known, of the computations that are open.
    elapsed
        Seconds since the first open computation began; 0 when nothing is open.
    """

    time: float
    running: int = 0
    threads: int = 0
    done: int = 0
    total: int = 0
    elapsed: float = 0.0

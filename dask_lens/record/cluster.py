"""The workers that were there."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Worker:
    """One worker and when it was there.

    Parameters
    ----------
    address
        Its address; a process id on local schedulers.
    nthreads
        Threads it offers.
    joined, left
        Seconds since the epoch; None: there before, or still there after, the run.
    memory_limit
        Bytes; None where there is none or it is unknown.
    """

    address: str
    nthreads: int
    joined: float | None = None
    left: float | None = None
    memory_limit: int | None = None

"""How things stand this very moment: what the gauge draws."""

from __future__ import annotations

from dataclasses import dataclass, field


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
    accounts
        Thread-seconds so far of the open computations, by the names of
        :class:`dask_lens.metrics.accounts.Budget`, ``total`` among them; empty where not known.
        One more, ``tasks``, is time in tasks of which it is not known yet whether they were on
        the CPU. All but ``total`` add up to it.
    """

    time: float
    running: int = 0
    threads: int = 0
    done: int = 0
    total: int = 0
    elapsed: float = 0.0
    accounts: dict[str, float] = field(default_factory=dict)

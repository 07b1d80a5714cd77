"""What computations that ran one after another would have taken as one."""

from __future__ import annotations

from collections.abc import Sequence

from dask_lens.metrics.critical_path import critical_path
from dask_lens.metrics.joined import windows
from dask_lens.record.computation import Computation


def elapsed(computations: Sequence[Computation]) -> float:
    """Return the seconds in which at least one of these computations was under way."""
    return sum(
        max(c.stop or c.start for c in group) - min(c.start for c in group)
        for group in windows(computations)
    )


def together(computations: Sequence[Computation]) -> float | None:
    """Return how long they would have taken together, at best.

    Tasks of the same key would have run once. What was not spent in tasks is counted once,
    as much as the longest of the computations had of it.

    Parameters
    ----------
    computations
        Finished ones, on one scheduler.

    Returns
    -------
    float or None
        Seconds; None where not every task was kept.
    """
    longest = overhead = 0.0
    tasks: dict[str, float] = {}
    for c in computations:
        path = critical_path(c)
        if c.stop is None or path is None or c.n_tasks != len(c.tasks):
            return None
        chain = path.span
        longest = max(longest, chain)
        own = {task.key: task.duration for task in c.tasks}
        tasks.update({key: max(length, tasks.get(key, 0.0)) for key, length in own.items()})
        least = max(chain, sum(own.values()) / max(c.threads, 1))
        overhead = max(overhead, c.stop - c.start - least)
    threads = max((c.threads for c in computations), default=1)
    return max(longest, sum(tasks.values()) / max(threads, 1)) + max(overhead, 0.0)

"""How many tasks ran at once, on average, while there was work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dask_lens.metrics.accounts import Budget
from dask_lens.metrics.away import seconds_away
from dask_lens.metrics.capacity import most, thread_seconds, threads_between
from dask_lens.metrics.critical_path import critical_path
from dask_lens.metrics.joined import active_windows, join, windows
from dask_lens.record.computation import Computation


@dataclass(frozen=True)
class Parallelism:
    """Average parallelism, and what bounds it.

    Parameters
    ----------
    achieved
        Task seconds over active seconds, measured.
    threads
        Threads that could run tasks at once: the most that there were.
    ceiling
        Total work over the longest chain of tasks: what endless threads would reach.
        None where the graph is not known.
    available
        Threads on average, where workers joined or left meanwhile; else None.
    """

    achieved: float
    threads: int
    ceiling: float | None
    available: float | None = None


def parallelism(
    computations: Sequence[Computation], spent: Budget | None = None
) -> Parallelism | None:
    """Measure the average parallelism of one or several computations.

    Time between computations counts as active: it is time the user waited for.

    Parameters
    ----------
    computations
        One computation, or all of a cell.
    spent
        Their budget, where it is known: of tasks that have left their threads to others, it has
        what was in threads.

    Returns
    -------
    Parallelism or None
        None where nothing has finished.
    """
    groups = windows(computations)
    if not groups:
        return None
    done = [c for group in groups for c in group]
    active = max(c.stop or c.start for c in done) - min(c.begin for c in done)
    busy = sum(c.busy for c in done) - seconds_away(done)
    steps = [threads_between(*window) for window in active_windows(groups)]
    threads = max(most(step) for step in steps)
    if active <= 0:
        return Parallelism(0.0, threads, None)
    available = sum(thread_seconds(step) for step in steps) / active
    steady = abs(available - threads) < 1e-3 * threads
    in_threads = busy if spent is None else spent.cpu + spent.waiting
    return Parallelism(
        in_threads / active, threads, _ceiling(groups, busy), None if steady else available
    )


def _ceiling(groups: Sequence[Sequence[Computation]], work: float) -> float | None:
    joined = [join(group) for group in groups]
    chains = [critical_path(c) for c in joined if c.n_tasks]
    longest = sum(chain.span for chain in chains if chain is not None)
    if None in chains or longest <= 0:
        return None
    return work / longest

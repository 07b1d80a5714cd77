"""How many tasks ran at once, on average, while there was work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dask_lens.metrics.critical_path import critical_path
from dask_lens.metrics.joined import join, pool_size, windows
from dask_lens.record.computation import Computation


@dataclass(frozen=True)
class Parallelism:
    """Average parallelism, and what bounds it.

    Parameters
    ----------
    achieved
        Task seconds over active seconds, measured.
    threads
        Threads that could run tasks at once.
    ceiling
        Total work over the longest chain of tasks: what endless threads would reach.
        None where the graph is not known.
    """

    achieved: float
    threads: int
    ceiling: float | None


def parallelism(computations: Sequence[Computation]) -> Parallelism | None:
    """Measure the average parallelism of one or several computations.

    Time between computations counts as active: it is time the user waited for.

    Parameters
    ----------
    computations
        One computation, or all of a cell.

    Returns
    -------
    Parallelism or None
        None where nothing has finished.
    """
    groups = windows(computations)
    if not groups:
        return None
    done = [c for group in groups for c in group]
    active = max(c.stop or c.start for c in done) - min(c.start for c in done)
    busy = sum(c.busy for c in done)
    threads = max(pool_size(group) for group in groups)
    if active <= 0:
        return Parallelism(0.0, threads, None)
    return Parallelism(busy / active, threads, _ceiling(groups))


def _ceiling(groups: Sequence[Sequence[Computation]]) -> float | None:
    joined = [join(group) for group in groups]
    chains = [critical_path(c) for c in joined if c.n_tasks]
    longest = sum(chain.span for chain in chains if chain is not None)
    if None in chains or longest <= 0:
        return None
    return sum(c.busy for c in joined) / longest

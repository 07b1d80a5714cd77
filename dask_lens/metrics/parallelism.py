"""How many tasks ran at once, on average, while there was work."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dask_lens.metrics.critical_path import span
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


def windows(computations: Iterable[Computation]) -> list[list[Computation]]:
    """Group computations whose times overlap, in order of time.

    Parameters
    ----------
    computations
        Finished ones; open ones are passed over.

    Returns
    -------
    list of list of Computation
        Groups that do not overlap each other.
    """
    groups: list[list[Computation]] = []
    latest = float("-inf")
    for computation in sorted(computations, key=lambda c: c.start):
        if computation.stop is None:
            continue
        if not groups or computation.start >= latest:
            groups.append([])
        groups[-1].append(computation)
        latest = max(latest, computation.stop)
    return groups


def pool_size(group: Sequence[Computation]) -> int:
    """Return the threads that a group of overlapping computations had between them.

    Computations on the same scheduler share its threads; different schedulers add up.
    """
    pools: dict[tuple[str, tuple[str, ...]], int] = {}
    for c in group:
        pool = (c.scheduler, tuple(sorted(w.address for w in c.workers)))
        pools[pool] = max(pools.get(pool, 0), c.threads)
    return sum(pools.values())


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
    return Parallelism(busy / active, threads, _ceiling(done))


def _ceiling(done: Sequence[Computation]) -> float | None:
    work = sum(c.busy for c in done)
    spans = [span(c) for c in done if c.n_tasks]
    longest = sum(s for s in spans if s is not None)
    if None in spans or longest <= 0:
        return None
    return work / longest

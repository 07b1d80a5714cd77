"""How many threads there were, and when: workers join and leave while tasks run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from dask_lens.record.computation import Computation

#: From when on how many threads there were.
Steps = list[tuple[float, int]]


def threads_between(group: Sequence[Computation], start: float, stop: float) -> Steps:
    """Return the threads that computations had between them.

    Computations on one cluster share its workers, and those on one pool of a local scheduler
    its threads; different ones add up.

    Parameters
    ----------
    group
        Computations that are over.
    start, stop
        Seconds since the epoch. The threads of local schedulers are there all the time,
        those of workers while the worker is.

    Returns
    -------
    list of (float, int)
        Steps in order of time, the first at ``start``, the last at ``stop``.
    """
    changes: dict[float, int] = {start: 0, stop: 0}
    for joined, left, threads in (*_workers(group), *_local(group)):
        since, until = max(joined, start), min(left, stop)
        if since < until:
            changes[since] = changes.get(since, 0) + threads
            changes[until] = changes.get(until, 0) - threads
    steps, now = [], 0
    for when in sorted(changes):
        now += changes[when]
        steps.append((when, now))
    return steps


def most(steps: Steps) -> int:
    """Return the most threads that were there at one time."""
    return max((threads for _, threads in steps), default=0)


def thread_seconds(steps: Steps) -> float:
    """Return the seconds that threads were there, summed over them."""
    return sum((after[0] - when) * threads for (when, threads), after in pairwise(steps))


def _workers(group: Iterable[Computation]) -> Iterable[tuple[float, float, int]]:
    """Return when each worker was there, and its threads.

    Each client learns for itself when a worker joins and leaves: what they tell is laid
    together.
    """
    told: dict[str, set[tuple[float, float, int]]] = {}
    for c in group:
        for worker in c.workers:
            joined = float("-inf") if worker.joined is None else worker.joined
            left = float("inf") if worker.left is None else worker.left
            told.setdefault(worker.address, set()).add((joined, left, worker.nthreads))
    for times in told.values():
        joined, left, threads = float("inf"), float("-inf"), 0
        for since, until, nthreads in sorted(times):
            if since < left and nthreads == threads:
                left = min(left, until)  # who looked before it left knows of no end
                continue
            if threads:
                yield joined, left, threads
            joined, left, threads = since, until, nthreads
        yield joined, left, threads


def _local(group: Iterable[Computation]) -> Iterable[tuple[float, float, int]]:
    pools: dict[tuple[str, int | None], int] = {}
    for c in group:
        if not c.workers:
            pool = c.scheduler, c.pool
            pools[pool] = max(pools.get(pool, 0), c.threads)
    return [(float("-inf"), float("inf"), threads) for threads in pools.values()]

"""How short a run could be on its threads, whatever the scheduler: bounds by work and span."""

from __future__ import annotations

from dataclasses import dataclass

from dask_lens.metrics.critical_path import Chain, critical_path
from dask_lens.record.computation import Computation


@dataclass(frozen=True)
class Bounds:
    """Seconds between which a computation's tasks can be done on its threads.

    Parameters
    ----------
    work
        Seconds on one thread (T1): all tasks, one after another.
    span
        Seconds on endless threads (Tinf): the longest chain of tasks.
    least
        No scheduler is faster: the larger of work / threads and span.
    most
        No scheduler that keeps threads busy while tasks are ready is slower, moving data and
        overheads aside: work / threads + (1 - 1 / threads) * span, after Brent and Graham.
    """

    work: float
    span: float
    least: float
    most: float


def bounds(computation: Computation, longest: Chain | None = None) -> Bounds | None:
    """Bound the time of a computation by its work and its longest chain.

    Parameters
    ----------
    computation
        One that ran; its measured task durations are taken as given.
    longest
        Its longest chain, where that was worked out already.

    Returns
    -------
    Bounds or None
        None where nothing ran, or not every task and edge is known.
    """
    longest = longest or critical_path(computation)
    if longest is None or not computation.n_tasks or computation.threads < 1:
        return None
    work, threads = computation.busy, computation.threads
    even = work / threads
    span = longest.span
    return Bounds(work, span, max(even, span), even + (1 - 1 / threads) * span)

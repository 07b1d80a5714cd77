"""What goes through the process that asks: to the processes of a local pool, and back.

What a task needs is pickled there, by the thread that runs the scheduler, goes through a pipe, and
is unpickled in the worker; its result comes back the same way. A worker that sends does nothing
else until the last byte is read, and one process reads and writes for all of them.
"""

from __future__ import annotations

from dask_lens.metrics.costs import Costs
from dask_lens.metrics.fitting import CLOSE, STEPS, fitted
from dask_lens.metrics.setup import Setup
from dask_lens.metrics.simulation import simulate
from dask_lens.metrics.timing import Timing
from dask_lens.metrics.work import Work

#: Bytes per second of what goes through this process, into a pool's processes and back: pickled,
#: piped and unpickled, for which both sides wait for each other.
PIPED = 0.35e9


def piped(work: Work) -> list[float]:
    """Return the seconds in which each task's data goes through the pipes, both ways."""
    sizes = work.nbytes
    return [
        (work.given[i] + sum([sizes[d] for d in needs]) + sizes[i]) / PIPED
        for i, needs in enumerate(work.dependencies)
    ]


def through(work: Work, seconds: list[float]) -> Work:
    """Return the tasks with so long in pipes, before each of them, one after another."""
    movement = [a + b for a, b in zip(work.movement, seconds, strict=True)]
    return work.but(movement=movement, through=work.through + sum(seconds))


def at_pace(work: Work, where: Setup, costs: Costs, span: float) -> Work:
    """Return tasks with the time that their data took through pipes, at the pace of a run.

    Parameters
    ----------
    work, where, costs
        The tasks, where they ran, and what the scheduler takes.
    span
        Seconds from when the first began until the last ended.
    """
    seconds = piped(work)
    if sum(seconds) < CLOSE * span:
        return work

    def slowed(share: float) -> Work:
        return through(work, [share * one for one in seconds])

    def again(share: float) -> Timing:
        return simulate(slowed(share), where, costs)

    share, _ = fitted(again, (0.0, again(0.0)), (1.0, again(1.0)), span, STEPS)
    return slowed(share)

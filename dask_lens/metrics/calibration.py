"""What ran, made ready to be replayed: first it must replay itself."""

from __future__ import annotations

from dataclasses import dataclass, replace

from dask_lens.metrics.alone import alone
from dask_lens.metrics.costs import CLOSING, DEFAULTS, Costs, slowness
from dask_lens.metrics.fitting import CLOSE, STEPS, fitted
from dask_lens.metrics.pipes import at_pace
from dask_lens.metrics.setup import Setup
from dask_lens.metrics.simulation import simulate
from dask_lens.metrics.timing import Timing
from dask_lens.metrics.unfit import unfit
from dask_lens.metrics.work import Work
from dask_lens.record.computation import Computation
from dask_lens.record.run import NotJudged

#: Share by which a replay of what ran may be off before nothing is predicted from it.
MOST_OFF = 0.15

#: Tasks beyond which one replay must do to find out what each job costs.
_MANY = 10_000


@dataclass(frozen=True)
class Calibrated:
    """A computation, and what it takes to replay it.

    Parameters
    ----------
    begin, start, stop
        When the call began, when it reached the scheduler, and when its last result was there.
    work
        Its tasks.
    setup, costs
        Where it ran, and what that cost: measured in this run, as far as it shows.
    timing
        How long a replay of the same takes.
    """

    begin: float
    start: float
    stop: float
    work: Work
    setup: Setup
    costs: Costs
    timing: Timing

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.stop - self.start


def calibrate(computation: Computation) -> Calibrated | NotJudged:
    """Find out what a computation's scheduler took for itself, by replaying it.

    Parameters
    ----------
    computation
        Any.

    Returns
    -------
    Calibrated or NotJudged
        The reason where it cannot be replayed.
    """
    reason = unfit(computation)
    if reason is not None:
        return NotJudged("whatif", reason)
    where = setup_of(computation)
    tasks = alone(computation, where)
    first = min(computation.tasks, key=lambda task: task.start)
    began = first.start - first.movement - computation.start
    last = max(task.stop for task in computation.tasks) - computation.start
    stop = computation.stop or 0.0
    costs = DEFAULTS[where.scheduler].scaled(slowness())
    costs = replace(costs, trail=max(stop - computation.start - last, 0.0))
    if where.scheduler == "processes":
        tasks = at_pace(tasks, where, costs, last - began)
    costs, timing = _as_it_ran(tasks, where, costs, began, last - began)
    return Calibrated(computation.begin, computation.start, stop, tasks, where, costs, timing)


def setup_of(computation: Computation) -> Setup:
    """Return where a computation ran."""
    c = computation
    workers, threads = max(c.threads, 1), 1
    together = bool(c.workers) and all(w.address.startswith("inproc://") for w in c.workers)
    if c.scheduler == "distributed" and c.workers:
        workers = len(c.workers)
        threads = max(c.threads // workers, 1)
    chunksize = c.chunksize or 1
    if chunksize < 0:  # as many as make one job for each worker
        chunksize = max(-(c.n_tasks // -workers), 1)
    return Setup(c.scheduler, workers, threads, chunksize, c.cores, together)


def _as_it_ran(
    tasks: Work, where: Setup, costs: Costs, began: float, span: float
) -> tuple[Costs, Timing]:
    """Take over from the run when its first task began, and what each job cost."""
    timing = simulate(tasks, where, costs)
    late = began - timing.first
    if where.scheduler == "processes":
        at_once = max(1.0, timing.booting / (where.cores or timing.booting or 1))
        boot = max(costs.boot + late / at_once, 0.0)
        costs = replace(costs, boot=boot, close=CLOSING * boot)
    else:
        usual = costs.lead + costs.each * len(tasks.keys)
        share = max(usual + late, 0.0) / usual
        costs = replace(costs, lead=costs.lead * share, each=costs.each * share)
    costs, timing = _paced(tasks, where, costs, timing, span)
    return costs, timing.moved(began)


def _paced(
    tasks: Work, where: Setup, costs: Costs, timing: Timing, span: float
) -> tuple[Costs, Timing]:
    """Find the multiple of what each job costs with which a replay takes as long."""
    if abs(timing.span - span) <= CLOSE * span:
        return costs, timing

    def again(share: float) -> Timing:
        return simulate(tasks, where, costs.per_job_scaled(share))

    steps = STEPS if len(tasks.keys) <= _MANY else 1
    share, timing = fitted(again, (0.0, again(0.0)), (1.0, timing), span, steps)
    return costs.per_job_scaled(share), timing

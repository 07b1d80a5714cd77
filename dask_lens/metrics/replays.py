"""Many replays of the same tasks: how far apart they are is how far to trust one."""

from __future__ import annotations

import random
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import replace

from dask_lens.metrics.costs import Costs
from dask_lens.metrics.estimate import Estimate
from dask_lens.metrics.orders import orders
from dask_lens.metrics.pipes import piped, through
from dask_lens.metrics.setup import Setup
from dask_lens.metrics.simulation import simulate
from dask_lens.metrics.unseen import otherwise
from dask_lens.metrics.work import Work

#: Replays of resampled durations, and tasks to replay in all of them together.
_ROUNDS, _TASKS = 40, 20_000

#: Fewer replays say nothing of an interval. Orders of tasks that are tried at most.
_FEWEST, _ORDERS = 5, 21

#: Standard deviations of the middle 90 %.
_MIDDLE = 1.645

#: Between workers, and between them and this process: bytes per second, and seconds for a request.
_MOVED, _ASKED = 0.4e9, 0.004


def replayed(work: Work, setup: Setup, costs: Costs, *, low: float, high: float) -> Estimate:
    """Replay tasks often enough to tell an interval.

    Parameters
    ----------
    work, setup, costs
        As for :func:`dask_lens.metrics.simulation.simulate`.
    low, high
        Shares by which the costs may be lower and higher.

    Returns
    -------
    Estimate
        Until the call returns. ``mid`` is for the durations as they were recorded; where tasks
        run in another order each time, it is the middle one of many orders.
    """
    other = _in_other_orders(work, setup, costs)
    mid = statistics.median(other or [simulate(work, setup, costs).total])
    overhead = max(mid - _alone(work, setup, costs, mid), 0.0)
    totals = [*other, *_resampled(work, setup, costs, mid)]
    totals += [simulate(other, there, costs).total for other, there in otherwise(work, setup)]
    least, most = min([mid, *totals]), max([mid, *totals])
    return Estimate(max(least - low * overhead, 0.0), mid, most + high * overhead)


def _in_other_orders(work: Work, setup: Setup, costs: Costs) -> list[float]:
    rounds = min(_ORDERS, _TASKS // len(work.keys)) if work.keys else 0
    drawn = orders(work, rounds if rounds >= _FEWEST else 0)
    return [simulate(work, setup, costs, off=off, cpu=cpu).total for off, cpu in drawn]


def _alone(work: Work, setup: Setup, costs: Costs, mid: float) -> float:
    """Return how long tasks would take a scheduler that takes nothing for itself."""
    count = len(work.keys)
    if count <= _TASKS // _FEWEST:
        return simulate(work, setup, Costs()).total
    # Of many tasks, one replay is as long as all others here; what costs add up to will do.
    each = costs.each + costs.send + costs.send_task
    return mid - costs.lead - count * (each + (costs.latency + costs.between) / setup.slots)


def _resampled(work: Work, setup: Setup, costs: Costs, mid: float) -> Iterator[float]:
    """Replay with durations drawn from those of the same key prefix; give the middle 90 %."""
    alike: dict[str, list[int]] = {}
    for i, prefix in enumerate(work.prefixes):
        alike.setdefault(prefix, []).append(i)
    rounds = min(_ROUNDS, _TASKS // max(len(work.keys), 1))
    if rounds < _FEWEST:  # of so many tasks the sum is known to follow the normal distribution
        spread = sum(_variance(work, tasks) * len(tasks) for tasks in alike.values())
        spread = _MIDDLE * spread**0.5 / min(setup.slots, len(work.keys))
        yield from (mid - spread, mid + spread)
        return
    draw = random.Random(0).choices  # noqa: S311 - no secret; the same numbers every time
    totals = []
    for _ in range(rounds):
        off, cpu = list(work.off), list(work.cpu)
        for tasks in alike.values():
            for i, j in zip(tasks, draw(tasks, k=len(tasks)), strict=True):
                off[i], cpu[i] = work.off[j], work.cpu[j]
        totals.append(simulate(work, setup, costs, off=off, cpu=cpu).total)
    cuts = statistics.quantiles(totals, n=20)
    yield from (cuts[0], cuts[-1])


def _variance(work: Work, tasks: Sequence[int]) -> float:
    return statistics.pvariance([work.off[i] + work.cpu[i] for i in tasks])


def moved(work: Work, ran: Setup, now: Setup) -> Work:
    """Return the tasks with what moving their data takes where they run now.

    Parameters
    ----------
    work
        The tasks, with the movement that was measured.
    ran, now
        Where that was, and where they run now.
    """
    if (ran.scheduler, ran.workers) == (now.scheduler, now.workers):
        return work
    if now.scheduler == ran.scheduler == "processes":
        return work
    movement = [0.0] * len(work.keys)
    if now.scheduler == "processes":
        return through(work.but(movement=movement, through=0.0), piped(work))
    if now.scheduler == "distributed" and now.workers > 1:
        for i, needs in enumerate(work.dependencies):
            if needs:
                sizes = [work.nbytes[d] for d in needs]
                # A task runs where most of what it needs is.
                share = (sum(sizes) - max(sizes)) / _MOVED + _ASKED * (len(needs) > 1)
                movement[i] = share * (1 - 1 / now.workers)
    return work.but(movement=movement, through=0.0)


def across(work: Work, costs: Costs) -> Costs:
    """Return what a cluster takes, with what is sent there and what comes back of these tasks."""
    there = sum(work.given) / _MOVED
    needed = set().union(*work.dependencies)
    back = sum([n for i, n in enumerate(work.nbytes) if i not in needed]) / _MOVED
    return replace(costs, lead=costs.lead + there, trail=costs.trail + back)

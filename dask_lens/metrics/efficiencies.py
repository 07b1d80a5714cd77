"""Efficiencies that multiply to the share of the threads that worked.

The factors follow the POP efficiencies (https://pop-coe.eu/node/69): each is the share that is
left of what the one before it had left.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from dask_lens.metrics.accounts import Budget


@dataclass(frozen=True)
class Efficiencies:
    """Shares from 0 to 1; their product is the parallelism over the threads.

    Parameters
    ----------
    client
        Share of the thread-seconds in which a task was in the system.
    dependencies
        Share of those not lost because fewer tasks were runnable than there were threads.
    tail
        Share of those not lost to the last tasks.
    scheduling
        Share of those not lost although tasks were runnable.
    movement
        Share of those not spent on moving data.
    """

    client: float
    dependencies: float
    tail: float
    scheduling: float
    movement: float


def efficiencies(budget: Budget) -> Efficiencies:
    """Factor the share of a budget that went into tasks.

    Parameters
    ----------
    budget
        Of a computation or of a cell. A factor of which nothing was left is 1 after the 0.
    """
    left = budget.total
    factors = {}
    for factor in fields(Efficiencies):
        lost = getattr(budget, factor.name)
        factors[factor.name] = max(left - lost, 0.0) / left if left > 0 else 1.0
        left = max(left - lost, 0.0)
    return Efficiencies(**factors)

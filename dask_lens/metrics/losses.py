"""The budget of a run: every thread-second in exactly one account.

The accounts follow the POP efficiencies (https://pop-coe.eu/node/69) and BSC's TALP, brought
to task graphs: where a thread is idle, the graph tells whether it could have had a task.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dask_lens.metrics.accounts import Budget
from dask_lens.metrics.capacity import thread_seconds, threads_between
from dask_lens.metrics.joined import active_windows, windows
from dask_lens.metrics.once import once
from dask_lens.metrics.sums import budget_of_timeline
from dask_lens.metrics.sweep import sweep
from dask_lens.record.computation import Computation


def budget(computations: Sequence[Computation]) -> Budget | None:
    """Account for every thread-second of one or several computations.

    Parameters
    ----------
    computations
        One computation, or all of a cell: the time between them goes to ``client``.

    Returns
    -------
    Budget or None
        None where nothing has finished, or where not every task and edge is known.
    """
    groups = windows(computations)
    if not groups or not all(_known(group) for group in groups):
        return None
    total = Budget()
    for number, (group, start, stop) in enumerate(active_windows(groups)):
        steps = threads_between(group, start, stop)
        if number % 2:  # a pause
            seconds = thread_seconds(steps)
            total += Budget(total=seconds, client=seconds)
        elif group[0].timeline is not None:
            total += budget_of_timeline(group[0].timeline, steps)
        elif len(group) == 1 and start == group[0].begin:
            total += _alone(group[0])
        else:
            total += sweep(group, steps)
    return total


@once
def _alone(c: Computation) -> Budget:
    return sweep([c], threads_between([c], c.begin, c.stop or c.start))


def cpu_known(computations: Iterable[Computation]) -> bool:
    """Tell whether CPU time was measured for every task."""
    return all(map(_cpu_known, computations))


@once
def _cpu_known(c: Computation) -> bool:
    if c.timeline is not None:
        return c.timeline.cpu is not None
    return None not in [task.cpu for task in c.tasks]


def _known(group: Sequence[Computation]) -> bool:
    if len(group) == 1 and group[0].timeline is not None:
        return True
    return all(
        c.n_tasks <= len(c.tasks)
        and (c.graph is not None or None not in [task.ready for task in c.tasks])
        for c in group
    )

"""Computations that cannot be replayed, and why."""

from __future__ import annotations

from dask_lens.metrics.reruns import ran_again
from dask_lens.metrics.setup import SCHEDULERS
from dask_lens.metrics.submitted import submitted_in
from dask_lens.record.computation import Computation


def unfit(c: Computation) -> str | None:
    """Say why a computation cannot be replayed; None where it can be."""
    if c.scheduler not in SCHEDULERS:
        return "tasks ran on a scheduler of which no replay is known"
    if c.stop is None or c.status != "finished":
        return "the computation did not come to its end"
    if not c.n_tasks:
        return "nothing ran"
    if c.n_tasks > len(c.tasks) or c.graph is None:
        return "the run was too large to keep every task and edge"
    if ran_again(c):
        return "tasks were run again: they had erred, or a worker left with what they had brought"
    if not all(task.exact for task in c.tasks):
        return "tasks could only be timed from outside"
    if any((w.joined is not None and w.joined > c.start) or w.left is not None for w in c.workers):
        return "workers came or went while it ran"
    if not submitted_in(c).is_known(c.stop - c.start):
        return "tasks were submitted one after another, and not only because others had ended"
    return None

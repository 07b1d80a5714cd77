"""One task runs much longer than others of its kind, and all threads wait for it.

A computation is over when its last task is. Where the pieces are of unequal size, the thread
with the largest piece works on while the others have nothing left to do.

*Why it costs*: seven tasks of a second and one of a minute take a minute, on any number of
threads.

*When it is fine*: it is over soon anyway; the long task starts first and the others fill the
time beside it.

*What is not looked at*: the sizes of partitions before they are computed.

*References*: https://docs.dask.org/en/stable/dataframe-best-practices.html#repartition-to-reduce-overhead;
https://github.com/coiled/benchmarks/issues/883
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator

from dask_lens.metrics.losses import budget
from dask_lens.record.computation import Computation
from dask_lens.record.run import Run
from dask_lens.record.task import Task
from dask_lens.rule import Finding, Rule, Settings

#: Tasks of one kind: of fewer, none can be said to be out of the ordinary.
LEAST_TASKS = 5

#: How many times the median a task must take.
LEAST_RATIO = 5

#: Share of the thread-seconds that were idle after the last of its kind had started.
LEAST_TAIL = 0.2

#: Seconds: less is not worth a word.
LEAST_LOST = 0.2

rule = Rule(
    __name__,
    code="DSK504",
    kind="slow",
    needs=("tasks",),
    message=(
        "One of {n_tasks} tasks {prefix} took {longest:.1f} s, {ratio:.0f} times the median. The "
        "other threads had nothing left to do meanwhile: {lost:.1f} s lost."
    ),
    advice="Cut the data into pieces of equal size, or let the longest task start first.",
    thresholds={
        "least_tasks": LEAST_TASKS,
        "least_ratio": LEAST_RATIO,
        "least_tail": LEAST_TAIL,
        "least_lost": LEAST_LOST,
    },
    dont="""
import time
import dask

@dask.delayed
def work(rows):
    time.sleep(rows * 0.04)
    return rows

tasks = [work(rows) for rows in (1, 1, 1, 1, 1, 1, 1, 16)]
total = sum(dask.compute(*tasks, scheduler="threads", num_workers=4))  # found here
""",
    do="""
import time
import dask

@dask.delayed
def work(rows):
    time.sleep(rows * 0.04)
    return rows

tasks = [work(rows) for rows in (3, 3, 3, 3, 3, 3, 3, 2)]
total = sum(dask.compute(*tasks, scheduler="threads", num_workers=4))
""",
)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find computations that end with one long task of a kind that is short."""
    for computation in run.computations:
        if computation.status != "finished" or computation.threads <= 1:
            continue
        spent, found = budget([computation]), _straggler(computation, settings)
        if spent is None or found is None:
            continue
        task, number, median = found
        idle = max(spent.tail, _idle_beside(task, computation))
        lost = idle / computation.threads
        if idle < settings["least_tail"] * spent.total or lost < settings["least_lost"]:
            continue
        yield rule.finding(
            computation.place,
            certainty="seen",
            cost=lost,
            n_tasks=number,
            prefix=task.prefix[:60],
            longest=task.duration,
            ratio=task.duration / median,
            lost=lost,
        )


def _straggler(computation: Computation, settings: Settings) -> tuple[Task, int, float] | None:
    """Return the long task that ran to the end, how many are of its kind, and their median."""
    longest = max(computation.tasks, key=lambda task: task.duration)
    kind = [task.duration for task in computation.tasks if task.prefix == longest.prefix]
    median = statistics.median(kind)
    others = (task.stop for task in computation.tasks if task.prefix == longest.prefix)
    is_last = longest.stop >= max(others)
    if len(kind) < settings["least_tasks"] or median <= 0 or not is_last:
        return None
    if longest.duration < settings["least_ratio"] * median:
        return None
    return longest, len(kind), median


def _idle_beside(longest: Task, computation: Computation) -> float:
    """Return the thread-seconds idle beside a task once no other of its kind was left to start.

    Where its results are put together afterwards, other tasks follow it, and wait for it.
    """
    others = [t for t in computation.tasks if t.prefix == longest.prefix and t is not longest]
    if longest.ready is not None and longest.ready >= max(task.stop for task in others):
        return 0.0  # it needs them, perhaps: it puts together what they have made
    began = max(longest.start, *(task.start for task in others))
    within = (
        min(task.stop, longest.stop) - max(task.start, began)
        for task in computation.tasks
        if task.start < longest.stop and task.stop > began
    )
    return max(computation.threads * (longest.stop - began) - sum(within), 0.0)

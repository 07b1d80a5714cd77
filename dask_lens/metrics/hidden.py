"""Dependencies that no graph shows: tasks that wait for a task they do not need.

A task that is ready can still wait behind another one: because both were sent to a process in
one batch, or were given to one worker, while threads elsewhere had nothing to do. To the one
who waits that is as good as an edge in the graph.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from dask_lens.metrics.ready import ready_times
from dask_lens.record.computation import Computation
from dask_lens.record.task import Task

#: Seconds, and share of the computation, that a wait must last to be worth telling.
LEAST = 0.02
SHARE = 0.02
#: Waits that are told, the longest.
MOST = 20


@dataclass(frozen=True)
class Wait:
    """A task that was ready and waited behind another, with a thread free elsewhere.

    Parameters
    ----------
    task
        The one that waited.
    behind
        The one that ran in its thread meanwhile, or the last of several.
    seconds
        How long, from when the first task of the computation had started.
    """

    task: Task
    behind: Task
    seconds: float


def hidden_waits(computation: Computation) -> tuple[Wait, ...]:
    """Return the longest waits of tasks for tasks that they do not depend on.

    Parameters
    ----------
    computation
        One that is over.

    Returns
    -------
    tuple of Wait
        Longest first; empty where not every task and edge is known.
    """
    c = computation
    if c.stop is None or c.graph is None or c.n_tasks > len(c.tasks):
        return ()
    least = max(LEAST, SHARE * (c.stop - c.start))
    able = ready_times([c])
    starts, stops = sorted(t.start for t in c.tasks), sorted(t.stop for t in c.tasks)
    latest: dict[tuple[str, int], Task] = {}
    found = []
    for task in c.tasks:
        before = latest.get((task.worker, task.thread))
        latest[task.worker, task.thread] = task
        ready = max(able.get(task.key, task.start), starts[0])
        if before is None or before.stop - ready < least or before.start > task.start:
            continue
        middle = (max(ready, before.start) + before.stop) / 2
        busy = bisect_right(starts, middle) - bisect_right(stops, middle)
        if busy < c.threads:
            found.append(Wait(task, before, before.stop - ready))
    return tuple(sorted(found, key=lambda wait: -wait.seconds)[:MOST])

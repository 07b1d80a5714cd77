"""Dependencies that no graph shows: tasks that wait for a task they do not need.

A task that is ready can still wait behind another one: because both were sent to a process in
one batch, or were given to one worker, while threads elsewhere had nothing to do. To the one
who waits that is as good as an edge in the graph.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import compress, islice

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
    first = min((task.start for task in c.tasks), default=0.0)
    latest: dict[tuple[str, int], int] = {}
    # Numbers in columns: so many tuples would be looked through by the garbage collector.
    seconds, since, who, behind = [], [], [], []
    for number, (task, told) in enumerate(zip(c.tasks, ready_times([c]), strict=True)):
        lane = task.worker, task.thread
        before = latest.get(lane, -1)
        latest[lane] = number
        ready = task.start if told is None else told
        ready = max(ready, first)
        if before < 0 or c.tasks[before].stop - ready < least:
            continue
        seconds.append(c.tasks[before].stop - ready)
        since.append(ready)
        who.append(task)
        behind.append(c.tasks[before])
    longest = sorted(range(len(who)), key=seconds.__getitem__, reverse=True)  # equals in order
    half_way = [(max(since[i], behind[i].start) + behind[i].stop) / 2 for i in longest]
    free = compress(longest, _with_a_thread_free(c, half_way))
    return tuple([Wait(who[i], behind[i], seconds[i]) for i in islice(free, MOST)])


def _with_a_thread_free(c: Computation, moments: Iterable[float]) -> Iterator[bool]:
    """Yield for each moment whether not every thread was busy."""
    starts, stops = sorted([t.start for t in c.tasks]), sorted([t.stop for t in c.tasks])
    for moment in moments:
        yield bisect_right(starts, moment) - bisect_right(stops, moment) < c.threads

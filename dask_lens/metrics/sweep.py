"""The budget of tasks that are known one by one, from everything that changes over time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, pairwise

from dask_lens.metrics.accounts import Budget
from dask_lens.metrics.away import away
from dask_lens.metrics.capacity import Steps
from dask_lens.metrics.ready import ready_times
from dask_lens.record.computation import Computation
from dask_lens.record.task import Task

#: By how much changes: threads, tasks that run, that wait for their data, that could run.
_Change = tuple[int, int, int, int]
_NOTHING, _COULD, _MOVES = (0, 0, 0, 0), (0, 0, 0, 1), (0, 0, 1, -1)
_BEGINS, _MOVED, _ENDS, _RETURNS = (0, 1, 0, -1), (0, 1, -1, 0), (0, -1, 0, 0), (0, 1, 0, 0)


def sweep(group: Sequence[Computation], available: Steps) -> Budget:
    """Account for every thread-second, from one change to the next.

    Parameters
    ----------
    group
        Computations that overlap, every task of which is known.
    available
        The threads there were, from the start of the group to its end.
    """
    start, stop = available[0][0], available[-1][0]
    last_start = max((_clip(t.start, start, stop) for c in group for t in c.tasks), default=start)
    total = cpu = waiting = movement = scheduling = dependencies = tail = client = 0.0
    now, threads, running, moving, runnable, on_cpu = start, 0, 0, 0, 0, 0.0
    for when, (d_threads, d_running, d_moving, d_runnable), d_cpu in _changes(group, available):
        width = when - now
        if width > 0:
            busy = min(threads, running)
            scale = busy / running if running else 0.0
            moved = min(moving, threads - busy) if moving else 0
            idle = threads - busy - moved
            starved = min(idle, runnable)
            total += width * threads
            cpu += width * on_cpu * scale
            waiting += width * (running - on_cpu) * scale
            movement += width * moved
            scheduling += width * starved
            rest = width * (idle - starved)
            if not (running or moving or runnable):
                client += rest
            elif now >= last_start:
                tail += rest
            else:
                dependencies += rest
            now = when
        threads += d_threads
        running += d_running
        moving += d_moving
        runnable += d_runnable
        on_cpu += d_cpu
    return Budget(total, cpu, waiting, movement, scheduling, dependencies, tail, client)


def _changes(
    group: Sequence[Computation], available: Steps
) -> Iterator[tuple[float, _Change, float]]:
    """Yield everything that changes, the share of running tasks on the CPU too, by time.

    Columns, each nearly in order already, sort in a fraction of the time of so many tuples.
    """
    start, stop = available[0][0], available[-1][0]
    tasks = [task for c in group for task in c.tasks]
    shares = [_cpu_share(task) for task in tasks]
    begins = [_clip(task.start, start, stop) for task in tasks]
    ends = [_clip(task.stop, start, stop) for task in tasks]
    moves = [
        _clip(task.start - task.movement, start, begin) if task.movement else begin
        for task, begin in zip(tasks, begins, strict=True)
    ]
    able = [
        moving if told is None or told > moving else max(told, start)
        for told, moving in zip(ready_times(group), moves, strict=True)
    ]
    moving = [when for when, task in zip(moves, tasks, strict=True) if task.movement]
    counts = [0, *(threads for _, threads in available)]
    joins = [(after - before, 0, 0, 0) for before, after in pairwise(counts)]
    gone = list(_away(group, tasks))
    columns: list[tuple[list[float], list[_Change], list[float]]] = [
        ([stop, max(ends, default=start)], [_NOTHING] * 2, [0.0] * 2),
        ([when for when, _ in available], joins, [0.0] * len(joins)),
        (moving, [_MOVES] * len(moving), [0.0] * len(moving)),
        (able, [_COULD] * len(able), [0.0] * len(able)),
        (begins, [_MOVED if task.movement else _BEGINS for task in tasks], shares),
        (ends, [_ENDS] * len(ends), [-share for share in shares]),
        (
            [_clip(when, start, stop) for when, _, _ in gone],
            [change for _, change, _ in gone],
            [share for _, _, share in gone],
        ),
    ]
    times, changes, on_cpu = (list(chain(*parts)) for parts in zip(*columns, strict=True))
    order = sorted(range(len(times)), key=times.__getitem__)
    return ((times[i], changes[i], on_cpu[i]) for i in order)


def _away(
    group: Sequence[Computation], tasks: Sequence[Task]
) -> Iterator[tuple[float, _Change, float]]:
    """Yield when tasks leave their threads to others, and come back."""
    gone = away(group)
    for task in tasks if gone else ():
        for left, back in gone.get(task.key, ()):
            share = _cpu_share(task)
            yield left, _ENDS, -share
            yield back, _RETURNS, share


def _cpu_share(task: Task) -> float:
    if task.cpu is None:
        return 1.0
    duration = task.stop - task.start
    return min(max(task.cpu / duration, 0.0), 1.0) if duration > 0 else 0.0


def _clip(value: float, low: float, high: float) -> float:
    return low if value < low else min(value, high)

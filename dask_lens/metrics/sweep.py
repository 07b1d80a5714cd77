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
_PACKS, _PACKED = (0, 0, 1, 0), (0, 0, -1, 0)

#: When, what changes then, and by how much the share on the CPU does.
_Columns = tuple[list[float], list[_Change], list[float]]


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
    last_start = _clip(max((t.start for c in group for t in c.tasks), default=start), start, stop)
    total = cpu = waiting = movement = scheduling = dependencies = tail = client = 0.0
    now, threads, running, moving, runnable, on_cpu = start, 0, 0, 0, 0, 0.0
    times, changes, shares = _changes(group, available)
    # Columns, each nearly in order already, sort in a fraction of the time of so many tuples.
    for i in sorted(range(len(times)), key=times.__getitem__):
        width = times[i] - now
        if width > 0:
            now = times[i]
            scale, idle = 1.0, threads - running
            if idle < 0:
                scale, idle = threads / running, 0
            total += width * threads
            cpu += width * on_cpu * scale
            waiting += width * (running - on_cpu) * scale
            moved = (min(idle, moving)) if moving else 0
            movement += width * moved
            idle -= moved
            starved = min(idle, runnable)
            scheduling += width * starved
            rest = width * (idle - starved)
            if not (running or moving or runnable):
                client += rest
            elif now > last_start:
                tail += rest
            else:
                dependencies += rest
        d_threads, d_running, d_moving, d_runnable = changes[i]
        threads += d_threads
        running += d_running
        moving += d_moving
        runnable += d_runnable
        on_cpu += shares[i]
    return Budget(total, cpu, waiting, movement, scheduling, dependencies, tail, client)


def _changes(group: Sequence[Computation], available: Steps) -> _Columns:
    """Return everything that changes, and by how much the share of tasks on the CPU does."""
    start, stop = available[0][0], available[-1][0]
    tasks = [task for c in group for task in c.tasks]
    shares = [_cpu_share(task) for task in tasks]
    begins = _clipped([task.start for task in tasks], start, stop)
    ends = _clipped([task.stop for task in tasks], start, stop)
    moves, moving = begins, [task.movement for task in tasks]
    if any(moving):
        moves = [
            _clip(task.start - moved, start, begin) if moved else begin
            for task, moved, begin in zip(tasks, moving, begins, strict=True)
        ]
    able = [
        move if told is None or told > move else (max(start, told))
        for told, move in zip(ready_times(group), moves, strict=True)
    ]
    fetched = [when for when, moved in zip(moves, moving, strict=True) if moved]
    counts = [0, *(threads for _, threads in available)]
    joins = [(after - before, 0, 0, 0) for before, after in pairwise(counts)]
    gone = list(_away(group, tasks))
    packs = [task for task in tasks if task.packing]
    columns: list[_Columns] = [
        ([stop, max(ends, default=start)], [_NOTHING] * 2, [0.0] * 2),
        ([when for when, _ in available], joins, [0.0] * len(joins)),
        (fetched, [_MOVES] * len(fetched), [0.0] * len(fetched)),
        (able, [_COULD] * len(able), [0.0] * len(able)),
        (begins, [_MOVED if moved else _BEGINS for moved in moving], shares),
        (ends, [_ENDS] * len(ends), [-share for share in shares]),
        (
            _clipped([task.stop for task in packs], start, stop),
            [_PACKS] * len(packs),
            [0.0] * len(packs),
        ),
        (
            _clipped([task.stop + task.packing for task in packs], start, stop),
            [_PACKED] * len(packs),
            [0.0] * len(packs),
        ),
        (
            [_clip(when, start, stop) for when, _, _ in gone],
            [change for _, change, _ in gone],
            [share for _, _, share in gone],
        ),
    ]
    times, changes, on_cpu = (list(chain(*parts)) for parts in zip(*columns, strict=True))
    return times, changes, on_cpu


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
    if duration <= 0 or task.cpu <= 0:
        return 0.0
    return task.cpu / duration if task.cpu < duration else 1.0


def _clipped(times: list[float], low: float, high: float) -> list[float]:
    if times and low <= min(times) and max(times) <= high:
        return times
    return [_clip(when, low, high) for when in times]


def _clip(value: float, low: float, high: float) -> float:
    return low if value < low else min(value, high)

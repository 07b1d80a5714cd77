"""The budget of a run: every thread-second in exactly one account.

The accounts follow the POP efficiencies (https://pop-coe.eu/node/69) and BSC's TALP, brought
to task graphs: where a thread is idle, the graph tells whether it could have had a task.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from operator import itemgetter

from dask_lens.metrics.accounts import Budget
from dask_lens.metrics.away import away
from dask_lens.metrics.capacity import Steps, thread_seconds, threads_between
from dask_lens.metrics.joined import active_windows, windows
from dask_lens.metrics.ready import ready_times
from dask_lens.metrics.sums import budget_of_timeline
from dask_lens.record.computation import Computation
from dask_lens.record.task import Task


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
        else:
            total += _sweep(group, steps)
    return total


def cpu_known(computations: Iterable[Computation]) -> bool:
    """Tell whether CPU time was measured for every task."""
    return all(
        all(task.cpu is not None for task in c.tasks)
        if c.timeline is None
        else c.timeline.cpu is not None
        for c in computations
    )


def _known(group: Sequence[Computation]) -> bool:
    if len(group) == 1 and group[0].timeline is not None:
        return True
    return all(
        c.n_tasks <= len(c.tasks)
        and (c.graph is not None or all(task.ready is not None for task in c.tasks))
        for c in group
    )


def _sweep(group: Sequence[Computation], available: Steps) -> Budget:
    start, stop = available[0][0], available[-1][0]
    tasks = [task for c in group for task in c.tasks]
    last_start = max((_clip(t.start, start, stop) for t in tasks), default=start)
    sums = dict.fromkeys((f.name for f in fields(Budget)), 0.0)
    now, threads, running, moving, runnable, on_cpu = start, 0, 0, 0, 0, 0.0
    for when, d_threads, d_running, d_moving, d_runnable, d_cpu in _steps(group, tasks, available):
        width = when - now
        if width > 0:
            busy = min(running, threads)
            scale = busy / running if running else 0.0
            moved = min(moving, threads - busy)
            idle = threads - busy - moved
            starved = min(idle, runnable)
            sums["total"] += width * threads
            sums["cpu"] += width * on_cpu * scale
            sums["waiting"] += width * (running - on_cpu) * scale
            sums["movement"] += width * moved
            sums["scheduling"] += width * starved
            rest = "tail" if now >= last_start else "dependencies"
            if not (running or moving or runnable):
                rest = "client"
            sums[rest] += width * (idle - starved)
            now = when
        threads += d_threads
        running += d_running
        moving += d_moving
        runnable += d_runnable
        on_cpu += d_cpu
    return Budget(**sums)


#: When, and by how much change: threads, tasks that run, that wait for their data, that could
#: run; the share of the running ones that is on the CPU.
_Step = tuple[float, int, int, int, int, float]


def _steps(group: Sequence[Computation], tasks: Sequence[Task], available: Steps) -> list[_Step]:
    """Return everything that changes, in order of time."""
    start, stop = available[0][0], available[-1][0]
    ready = ready_times(group)
    last_stop = max((_clip(task.stop, start, stop) for task in tasks), default=start)
    steps: list[_Step] = [(stop, 0, 0, 0, 0, 0.0), (last_stop, 0, 0, 0, 0, 0.0)]
    before = 0
    for when, threads in available:
        steps.append((when, threads - before, 0, 0, 0, 0.0))
        before = threads
    for task in tasks:
        begin, end, share = task.start, task.stop, _cpu_share(task)
        if begin < start or end > stop:
            begin, end = _clip(begin, start, stop), _clip(end, start, stop)
        moving = begin
        if task.movement:
            moving = _clip(task.start - task.movement, start, begin)
            steps.append((moving, 0, 0, 1, -1, 0.0))
        able = ready.get(task.key, moving)
        able = moving if able > moving else max(able, start)
        steps.append((able, 0, 0, 0, 1, 0.0))
        steps.append((begin, 0, 1, -1 if task.movement else 0, 0 if task.movement else -1, share))
        steps.append((end, 0, -1, 0, 0, -share))
    gone = away(group)
    for task in tasks if gone else ():
        for left, back in gone.get(task.key, ()):
            for when, change in ((left, -1), (back, 1)):
                share = change * _cpu_share(task)
                steps.append((_clip(when, start, stop), 0, change, 0, 0, share))
    steps.sort(key=itemgetter(0))
    return steps


def _cpu_share(task: Task) -> float:
    if task.cpu is None:
        return 1.0
    duration = task.stop - task.start
    return min(max(task.cpu / duration, 0.0), 1.0) if duration > 0 else 0.0


def _clip(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)

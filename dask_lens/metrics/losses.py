"""The budget of a run: every thread-second in exactly one account.

The accounts follow the POP efficiencies (https://pop-coe.eu/node/69) and BSC's TALP, brought
to task graphs: where a thread is idle, the graph tells whether it could have had a task.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields

from dask_lens.metrics.accounts import Budget
from dask_lens.metrics.joined import pool_size, windows
from dask_lens.metrics.ready import ready_times
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
    if not groups or any(not _known(c) for group in groups for c in group):
        return None
    total = Budget()
    previous: float | None = None
    for group in groups:
        threads = pool_size(group)
        start = group[0].start
        stop = max(c.stop or c.start for c in group)
        total += _sweep(group, threads, start, stop)
        if previous is not None:
            gap = (start - previous) * threads
            total += Budget(total=gap, client=gap)
        previous = stop
    return total


def cpu_known(computations: Iterable[Computation]) -> bool:
    """Tell whether CPU time was measured for every task."""
    return all(task.cpu is not None for c in computations for task in c.tasks)


def _known(computation: Computation) -> bool:
    kept_all = computation.n_tasks <= len(computation.tasks)
    return kept_all and (computation.graph is not None or not computation.n_tasks)


def _sweep(group: Sequence[Computation], threads: int, start: float, stop: float) -> Budget:
    tasks = [task for c in group for task in c.tasks]
    ready = ready_times(group)
    # Steps in time: (when, running, moving, runnable, running weighted by share of CPU)
    steps: list[tuple[float, int, int, int, float]] = [(stop, 0, 0, 0, 0.0)]
    for task in tasks:
        begin, end = _clip(task.start, start, stop), _clip(task.stop, start, stop)
        moving = _clip(task.start - task.movement, start, begin)
        share = _cpu_share(task)
        able = min(_clip(ready.get(task.key, moving), start, stop), moving)
        steps += [
            (able, 0, 0, 1, 0.0),
            (moving, 0, 1, -1, 0.0),
            (begin, 1, -1, 0, share),
            (end, -1, 0, 0, -share),
        ]
    steps.sort(key=lambda step: step[0])
    last_start = max((_clip(t.start, start, stop) for t in tasks), default=start)
    last_stop = max((_clip(t.stop, start, stop) for t in tasks), default=start)
    sums = dict.fromkeys((f.name for f in fields(Budget)), 0.0)
    now, running, moving_now, runnable, on_cpu = start, 0, 0, 0, 0.0
    for when, d_running, d_moving, d_runnable, d_cpu in steps:
        width = when - now
        if width > 0:
            busy = min(running, threads)
            scale = busy / running if running else 0.0
            moved = min(moving_now, threads - busy)
            idle = threads - busy - moved
            starved = min(idle, runnable)
            sums["cpu"] += width * on_cpu * scale
            sums["waiting"] += width * (running - on_cpu) * scale
            sums["movement"] += width * moved
            sums["scheduling"] += width * starved
            sums[_idle_account(now, last_start, last_stop)] += width * (idle - starved)
            now = when
        running += d_running
        moving_now += d_moving
        runnable += d_runnable
        on_cpu += d_cpu
    sums["total"] = threads * (stop - start)
    return Budget(**sums)


def _idle_account(now: float, last_start: float, last_stop: float) -> str:
    if now >= last_stop:
        return "client"
    return "tail" if now >= last_start else "dependencies"


def _cpu_share(task: Task) -> float:
    if task.cpu is None:
        return 1.0
    return _clip(task.cpu / task.duration, 0.0, 1.0) if task.duration > 0 else 0.0


def _clip(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)

"""What tasks would take alone: the recorded durations without waiting for each other.

Tasks that share an interpreter wait for its lock (the GIL), and tasks that share processors
for those; both make a recorded duration longer than the task. Here it is taken off again, so
that a replay elsewhere can put on what it costs there.
"""

from __future__ import annotations

from dask_lens.metrics.crowd import Crowd
from dask_lens.metrics.setup import Setup
from dask_lens.metrics.work import Work
from dask_lens.record.computation import Computation
from dask_lens.record.task import Task

#: A rate of CPU seconds per second that one interpreter's lock does not let happen.
_MORE_THAN_ONE = 1.15


def alone(computation: Computation, setup: Setup) -> Work:
    """Read off a computation what its tasks would take alone.

    Parameters
    ----------
    computation
        One of which every task and edge is known.
    setup
        Where it ran.
    """
    graph = computation.graph
    keys = graph.keys if graph is not None else ()
    ran = {task.key: task for task in computation.tasks}
    tasks = [ran.get(key) for key in keys]
    made = Work(
        keys=list(keys),
        dependencies=list(graph.dependencies if graph is not None else ()),
        prefixes=[task.prefix if task else "" for task in tasks],
        movement=[task.movement if task else 0.0 for task in tasks],
        nbytes=[(task.nbytes or 0) if task else 0 for task in tasks],
    )
    on = [min(_cpu(task), task.duration) if task else 0.0 for task in tasks]
    waits = [
        max(task.duration - cpu, 0.0) if task else 0.0 for task, cpu in zip(tasks, on, strict=True)
    ]
    made.off, made.cpu = waits, on
    busy = sum(on)
    made.timed = all(task.cpu is not None for task in ran.values())
    made.seen = setup.threads > 1 or busy < 0.05 * (busy + sum(waits))
    if setup.slots > 1 and busy > 0.02 * (busy + sum(waits)):
        _take_off(made, tasks, setup)
    return made


def _cpu(task: Task) -> float:
    return task.duration if task.cpu is None else task.cpu


def _take_off(made: Work, tasks: list[Task | None], setup: Setup) -> None:
    """Take off what tasks waited for the GIL and for processors."""
    # A task that computes gets at least such a share of a processor, whoever else wants it.
    least = 0.5 / setup.slots
    hungry = [
        (i, task)
        for i, task in enumerate(tasks)
        if task is not None and task.duration > 0 and made.cpu[i] > least * task.duration
    ]
    everywhere = Crowd([task for _, task in hungry])
    inside = {"": everywhere}
    if setup.scheduler == "distributed" and not setup.together:
        by_worker: dict[str, list[Task]] = {}
        for _, task in hungry:
            by_worker.setdefault(task.worker, []).append(task)
        inside = {worker: Crowd(crowd) for worker, crowd in by_worker.items()}
    if setup.threads > 1:
        made.held = _held(made, hungry, list(inside.values()), setup)
    for i, task in hungry:
        stretch = 1.0
        if setup.threads > 1:
            crowd = inside.get(task.worker, everywhere)
            stretch = max(stretch, made.held * crowd.around(task))
        if setup.cores is not None:
            stretch = max(stretch, everywhere.around(task) / setup.cores)
        made.off[i] -= min(made.off[i], made.cpu[i] * (stretch - 1.0))


def _held(made: Work, hungry: list[tuple[int, Task]], crowds: list[Crowd], setup: Setup) -> float:
    """Tell from the CPU seconds of tasks that ran together whether they held the GIL."""
    alone = sum(crowd.seconds(1) for crowd in crowds)
    together = sum(crowd.seconds(2, setup.slots) for crowd in crowds)
    if together <= 0.1 * alone:
        made.seen = False
        return 1.0
    # With one at a time on the CPU, ``alone`` takes as many CPU seconds at most.
    rate = (sum(made.cpu[i] for i, _ in hungry) - alone) / together
    able = sum(c.integral() for c in crowds) - alone
    able = min(able / together, setup.cores or setup.slots)
    if rate <= _MORE_THAN_ONE or able <= 1:
        return 1.0
    return min(max((able - rate) / (able - 1.0), 0.0), 1.0)

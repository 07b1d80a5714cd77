"""What tasks would take alone: the recorded durations without waiting for each other.

Tasks that share an interpreter wait for its lock (the GIL), and tasks that share processors
for those; both make a recorded duration longer than the task. Here it is taken off again, so
that a replay elsewhere can put on what it costs there.
"""

from __future__ import annotations

from collections.abc import Sequence

from dask_lens.metrics.crowd import Crowd
from dask_lens.metrics.ready import ran
from dask_lens.metrics.setup import Setup
from dask_lens.metrics.submitted import submitted_in
from dask_lens.metrics.work import Work
from dask_lens.record.computation import Computation
from dask_lens.record.task import Task

#: A rate of CPU seconds per second that one interpreter's lock does not let happen.
_MORE_THAN_ONE = 1.15

#: Looks at the lock of which something can be told, and the share of them at which it was held
#: below which tasks let go of it: while Python computes, it is next to all of them.
_LOOKS, _FREE = 5, 0.5


def alone(computation: Computation, setup: Setup) -> Work:
    """Read off a computation what its tasks would take alone.

    Parameters
    ----------
    computation
        One of which every task and edge is known.
    setup
        Where it ran. One that was submitted upon the end of another waits for that.
    """
    graph = computation.graph
    keys = graph.keys if graph is not None else ()
    tasks = ran(computation)
    edges = graph.dependencies if graph is not None else ()
    upon = submitted_in(computation).after
    made = Work(
        keys=list(keys),
        dependencies=[
            some if other is None or other in some else (*some, other)
            for some, other in zip(edges, upon, strict=True)
        ],
        prefixes=[task.prefix if task else "" for task in tasks],
        movement=[task.movement + task.packing if task else 0.0 for task in tasks],
    )
    made.nbytes, known = _sizes(made.prefixes, [task.nbytes if task else 0 for task in tasks])
    made.given, given = _sizes(made.prefixes, [task.sent if task else 0 for task in tasks])
    if setup.scheduler == "processes":  # which sends all that a task needs along with it
        for i, needs in enumerate(made.dependencies):
            made.given[i] = max(made.given[i] - sum([made.nbytes[d] for d in needs]), 0)
    on = [min(_cpu(task), task.duration) if task else 0.0 for task in tasks]
    waits = [
        max(task.duration - cpu, 0.0) if task else 0.0 for task, cpu in zip(tasks, on, strict=True)
    ]
    made.off, made.cpu = waits, on
    busy = sum(on)
    made.timed = all(task.cpu is not None for task in tasks if task)
    made.sized = known and (given or setup.scheduler in ("processes", "distributed"))
    made.seen = setup.threads > 1 or busy < 0.05 * (busy + sum(waits))
    made.rate = min(busy / (busy + sum(waits)), 1.0) if busy else 0.0
    if setup.slots > 1 and busy > 0.02 * (busy + sum(waits)):
        _take_off(made, tasks, setup)
        share = computation.held / computation.looks if computation.looks >= _LOOKS else 1.0
        if made.seen and made.held == 1.0 and share < _FREE:
            # How fast tasks computed does not tell on a busy machine; looks at the lock do.
            made.held = share
    return made


def _sizes(prefixes: Sequence[str], told: Sequence[int | None]) -> tuple[list[int], bool]:
    """Return sizes, those not told as large as others of the prefix, and if all are known."""
    known: dict[str, list[int]] = {}
    for prefix, size in zip(prefixes, told, strict=True):
        if size is not None:
            known.setdefault(prefix, []).append(size)
    usual = {prefix: sum(sizes) // len(sizes) for prefix, sizes in known.items()}
    sizes = [
        usual.get(prefix, 0) if size is None else size
        for prefix, size in zip(prefixes, told, strict=True)
    ]
    return sizes, usual.keys() >= {*prefixes}


def _cpu(task: Task) -> float:
    return task.duration if task.cpu is None else task.cpu


def _take_off(made: Work, tasks: list[Task | None], setup: Setup) -> None:
    """Take off what tasks waited for the GIL and for processors."""
    # A task that computes gets at least such a share of a processor, whoever else wants it.
    least = 0.5 / setup.slots
    hungry = [
        i
        for i, task in enumerate(tasks)
        if task is not None and task.stop > task.start and made.cpu[i] > least * task.duration
    ]
    crowds = {"": hungry}
    if setup.scheduler == "distributed" and not setup.together:
        crowds = {}
        for i in hungry:
            crowds.setdefault(getattr(tasks[i], "worker", ""), []).append(i)
    inside = [Crowd([task for i in crowd if (task := tasks[i])]) for crowd in crowds.values()]
    everywhere = inside[0] if len(crowds) == 1 else Crowd([t for i in hungry if (t := tasks[i])])
    made.rate = sum([made.cpu[i] for i in hungry]) / max(everywhere.seconds(1, len(tasks)), 1e-9)
    stretch = [1.0] * len(tasks)
    if setup.threads > 1:
        busy = sum([made.cpu[i] for i in hungry])
        made.held, made.seen = _held(busy, inside, setup)
        for crowd, counted in zip(crowds.values(), inside, strict=True):
            for i, around in zip(crowd, counted.around(), strict=True):
                stretch[i] = max(1.0, made.held * around)
    if setup.cores is not None:
        for i, around in zip(hungry, everywhere.around(), strict=True):
            stretch[i] = max(stretch[i], around / setup.cores)
    for i in hungry:
        made.off[i] -= min(made.off[i], made.cpu[i] * (stretch[i] - 1.0))


def _held(busy: float, crowds: list[Crowd], setup: Setup) -> tuple[float, bool]:
    """Tell from the CPU seconds of tasks that ran together whether they held the GIL.

    The share of them in which they did, and whether that was seen.
    """
    alone = sum(crowd.seconds(1) for crowd in crowds)
    together = sum(crowd.seconds(2, setup.slots) for crowd in crowds)
    if together <= 0.1 * alone:
        return 1.0, False
    # With one at a time on the CPU, ``alone`` takes as many CPU seconds at most.
    rate = (busy - alone) / together
    able = sum(c.integral() for c in crowds) - alone
    able = min(able / together, setup.cores or setup.slots)
    if rate <= _MORE_THAN_ONE or able <= 1:
        return 1.0, True
    return min(max((able - rate) / (able - 1.0), 0.0), 1.0), True

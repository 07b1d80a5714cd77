"""What the lock of an interpreter (the GIL) costs: tasks that computed one at a time."""

from __future__ import annotations

from dataclasses import dataclass

from dask_lens.metrics.calibration import setup_of
from dask_lens.metrics.crowd import Crowd
from dask_lens.metrics.once import once
from dask_lens.metrics.setup import Setup
from dask_lens.record.computation import Computation
from dask_lens.record.task import Task

#: CPU seconds of one interpreter in each second: the lock allows one; more is exact to so much.
MOST_AT_ONCE = 1.15

#: Share of its fair part of one processor that a task must use: less is a task that waits.
_LEAST_FAIR = 0.1


@dataclass(frozen=True)
class Contest:
    """Tasks that computed side by side in threads of one or of several interpreters.

    Parameters
    ----------
    cpu
        CPU seconds of tasks while others of the same interpreter ran beside them.
    at_once
        CPU seconds in each of these seconds, for each interpreter: 1 where one task at a time
        computed.
    wanted
        Tasks that computed at the same time, on average.
    saved
        Seconds that it could take less if as many computed as there are processors for.
    prefix
        Key prefix of the tasks that computed most.
    """

    cpu: float
    at_once: float
    wanted: float
    saved: float
    prefix: str

    @property
    def one_at_a_time(self) -> bool:
        """Whether they used no more than what one interpreter's lock allows."""
        return self.at_once <= MOST_AT_ONCE


@once
def contest(computation: Computation) -> Contest | None:
    """Read off a computation how tasks computed side by side.

    Parameters
    ----------
    computation
        One of which every task is known, with its CPU time.

    Returns
    -------
    Contest or None
        None where no two tasks computed at the same time in one interpreter.
    """
    setup = setup_of(computation)
    if setup.threads <= 1:
        return None
    least = _LEAST_FAIR / setup.threads
    hungry = [
        task
        for task in computation.tasks
        if task.cpu is not None and 0 < task.stop - task.start < task.cpu / least
    ]
    everywhere = Crowd(hungry)
    width = everywhere.seconds(2, len(hungry)) if hungry else 0.0
    inside = _inside(hungry, setup)
    one = len(inside) == 1
    crowds = {name: everywhere if one else Crowd(tasks) for name, tasks in inside.items()}
    together = sum(crowds[name].seconds(2, len(tasks)) for name, tasks in inside.items())
    if width <= 0 or together <= 0:
        return None
    spent: dict[str, float] = {}
    for task in hungry:
        spent[task.prefix] = spent.get(task.prefix, 0.0) + (task.cpu or 0.0)
    # Where one ran alone, it may have used all of that time, if not on a busy machine.
    alone = sum(crowd.seconds(1) for crowd in crowds.values())
    total = sum(spent.values())
    cpu = total - alone * min(total / (alone + together), 1.0)
    wanted = (everywhere.integral() - everywhere.seconds(1)) / width
    able = min(wanted, computation.cores or wanted)
    interpreters = max(together / width, 1.0)
    saved = cpu * (1 / interpreters - 1 / able) if able > interpreters else 0.0
    prefix = max(spent, key=spent.__getitem__)
    return Contest(max(cpu, 0.0), cpu / together, wanted, max(saved, 0.0), prefix)


def _inside(tasks: list[Task], setup: Setup) -> dict[str, list[Task]]:
    """Sort tasks by the interpreter that they ran in."""
    if setup.scheduler == "threads" or setup.together:
        return {"": tasks}
    found: dict[str, list[Task]] = {}
    for task in tasks:
        found.setdefault(task.worker, []).append(task)
    return found

"""Each task computes a part of the same collection for itself.

The collection is sent along with every task that names it, and every task computes what it needs
of it from the start. On the processes scheduler each compute also starts a pool inside a pool.

*Why it costs*: the shared part of the work is done once per task, and the tasks wait for work
they have started themselves.

*When it is fine*: the task makes its collection itself, from a file name it was given, on a
cluster, where a compute in a task leaves its thread to others; a task graph that cannot be known
before.

*References*: https://docs.dask.org/en/stable/delayed-best-practices.html;
https://docs.dask.org/en/stable/futures.html#submit-tasks-from-tasks;
https://github.com/dask/distributed/issues/5756; https://github.com/dask/distributed/issues/733
"""

from __future__ import annotations

from collections.abc import Iterator

from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._task_bodies import TaskBody, task_bodies
from dask_lens.rules._told import told
from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.computes import COMPUTES, is_compute
from dask_lens.source.values import Value

rule = Rule(
    __name__,
    code="DSK104",
    kind="slow",
    needs=("source", "tasks"),
    message=(
        "{function} ran as a task and computed there {why}. "
        "Computations that tasks began: {times}."
    ),
    forecast="{function} runs as a task and computes there {why}.",
    advice="Build the lazy results here and compute them together.",
    rewrite=("compute-here",),
    dont="""
import dask
import dask.array as da

numbers = da.arange(8, chunks=4)

@dask.delayed
def above(limit):
    return int((numbers > limit).sum().compute(scheduler="sync"))  # found here

counts = dask.compute(*[above(limit) for limit in range(3)], scheduler="sync")
""",
    do="""
import dask
import dask.array as da

numbers = da.arange(8, chunks=4)

def above(limit):
    return (numbers > limit).sum()

counts = dask.compute(*[above(limit) for limit in range(3)], scheduler="sync")
""",
)

_SHARED = "a collection that every such task shares, from the start each time"
_PROCESSES = "a collection of its own, with a pool of processes inside a pool of processes"


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find computes in tasks, of what was made outside them or on the processes scheduler."""
    del settings
    for task in task_bodies(run):
        computed = [call for call in task.calls if is_compute(call)]
        shared = next((call for call in computed if _is_shared(task, call)), None)
        nested = computed[0] if computed and shared is None and _in_processes(task) else None
        found = shared or nested
        if found is not None:
            times = _times(run, task, found)
            yield rule.finding(
                task.program.place(found.cell, found.node),
                certainty="seen" if times else "likely",
                fixes=(Fix("compute-here"),),
                times=times,
                function=task.name,
                why=_SHARED if shared is not None else _PROCESSES,
            )


def _times(run: Run, task: TaskBody, call: Call) -> int:
    """Return how often tasks were seen to compute: in this process, or else on workers."""
    asked = told(run, call, "dask.compute")
    here = sum(seen.count for seen in asked if seen.facts.get("nested"))
    ran = {t.prefix for c in run.computations for t in c.tasks}
    there = sum(c.nested for c in run.computations) if task.function.name in ran else 0
    return here or there


def _is_shared(task: TaskBody, call: Call) -> bool:
    """Whether what is computed comes from a collection that the task did not make."""
    values = call.arguments if call.receiver is None else (call.receiver,)
    made = {id(other.node) for other in task.calls}
    return any(_outside(value, made) for value in values)


def _outside(value: Value | None, made: set[int]) -> bool:
    waiting = [value]
    for _ in range(100):
        if not waiting:
            return False
        part = waiting.pop()
        if part is None:
            continue
        lazy = part.is_instance(*api.COLLECTIONS)
        if lazy and part.call is not None and id(part.call) not in made:
            return True
        waiting += [part.item, *(part.parts or ())]
    return False


def _in_processes(task: TaskBody) -> bool:
    """Whether the tasks of this function are computed on the processes scheduler."""
    return any(
        call.literal("scheduler") == "processes" and _reaches(call, task)
        for name in COMPUTES
        for call in task.program.by_name.get(name, ())
        if call.inside != task.function
    )


def _reaches(call: Call, task: TaskBody) -> bool:
    """Whether a compute call runs tasks of a function."""
    waiting: list[Value | None] = [call.receiver, *call.arguments]
    for _ in range(100):
        if not waiting:
            return False
        part = waiting.pop()
        if part is not None:
            if part.function == task.function:
                return True
            waiting += [part.item, *(part.parts or ())]
    return False

"""One task goes through all of a list, where each item could be a task of its own.

Dask runs tasks side by side, and cannot look into one. A loop inside a task is done by one
thread, from its beginning to its end, whatever the number of threads and workers.

*Why it costs*: a list of 100 files of a second each takes 100 seconds in one task; as 100 tasks,
on ten threads, ten.

*When it is fine*: a pass needs what the pass before it did; there are a few short items; the list
is itself one of many pieces, each of which is a task.

*What is not looked at*: functions that do more than go through the list; lists that are there
only when other tasks have run; long tasks in which no loop over a list is seen, such as a model
that is trained.

*References*: https://docs.dask.org/en/stable/delayed-best-practices.html#break-up-computations-into-many-pieces;
https://distributed.dask.org/en/stable/limitations.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Any

from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._ran import RanTask, concerns, is_over, tasks_at
from dask_lens.source.item_loops import item_loops
from dask_lens.source.program import read

#: Share of the work in this task, from which on it is what is waited for.
LEAST_WORK = 0.8

#: Seconds that could be saved: less is not worth a word.
LEAST_LOST = 0.2

rule = Rule(
    __name__,
    code="DSK505",
    kind="slow",
    needs=("source", "graph", "tasks"),
    message=(
        "{function} goes through {what} in one task: {duration:.1f} s on one of {threads} "
        "threads. With a task for each item, this could take up to {lost:.1f} s less."
    ),
    forecast="{function} goes through {what} in one task: one thread does all of it.",
    advice="Make each item a task of its own.",
    rewrite=("task-for-each-item",),
    thresholds={"least_work": LEAST_WORK, "least_lost": LEAST_LOST},
    dont="""
import time
from dask import delayed

def square(n):
    time.sleep(0.05)
    return n * n

def squares(ns):
    return [square(n) for n in ns]

result = delayed(squares)(range(12))  # found here
result = result.compute(scheduler="threads", num_workers=4)
""",
    do="""
import time
from dask import delayed

def square(n):
    time.sleep(0.05)
    return n * n

def squares(ns):
    return [square(n) for n in ns]

result = delayed(sum)([delayed(squares)([n]) for n in range(12)], [])
result = result.compute(scheduler="threads", num_workers=4)
""",
)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find tasks that loop over a list; after the run, those that most of the time went into."""
    program = read(run.cells)
    for found in item_loops(program):
        call = found.call
        place = program.place(call.cell, call.node)
        told: dict[str, Any] = {
            "function": found.function.name[:60],
            "what": ast.unparse(found.given)[:60],
        }
        if found.function.name == "lambda":
            told["function"] = "A lambda"
        ran = tasks_at(run, program, call.cell, call.node)
        fixes = (Fix("task-for-each-item"),)
        if is_over(run) and ran:
            evidence = _measured(ran, settings)
            if evidence is not None:
                cost = evidence["lost"]
                yield rule.finding(
                    place, certainty="seen", cost=cost, fixes=fixes, **told, **evidence
                )
        elif concerns(run, call.cell):
            yield rule.finding(place, certainty="likely", fixes=fixes, **told)


def _measured(ran: Sequence[RanTask], settings: Settings) -> dict[str, Any] | None:
    """Return what the longest of these tasks cost; None where that is nothing."""
    computation, task = max(ran, key=lambda pair: pair[1].duration)
    threads = computation.threads
    lost = task.duration * (1 - 1 / threads) if threads else 0.0
    most = task.duration >= settings["least_work"] * computation.busy
    if not most or lost < settings["least_lost"] or task.status != "memory":
        return None
    return {"duration": task.duration, "threads": threads, "lost": lost}

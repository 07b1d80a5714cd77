"""A loop submits one task and waits for it before it submits the next, or fetches one by one.

``submit`` returns at once, and the cluster begins to work. ``result()`` waits until the task is
done. One directly after the other, in a loop, there is never more than one task to run.

*Why it costs*: every worker but one is idle: six tasks of half a second take three seconds,
whatever the size of the cluster.

``[f.result() for f in futures]`` waits for nothing in vain, as all tasks are under way; but it
asks for the results one by one, where ``client.gather(futures)`` asks for all of them at once.

*When it is fine*: a task needs the result of the one before; the result decides whether there
is another task; what is submitted is one large piece of work that submits others.

*References*: https://docs.dask.org/en/stable/futures.html#move-data;
https://docs.dask.org/en/stable/futures.html#waiting-on-futures
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from dask_lens.metrics.joined import apart
from dask_lens.record.computation import Computation
from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._looped import looped
from dask_lens.rules._ran import computations_at, concerns, is_over
from dask_lens.source import api
from dask_lens.source.loops import Loop
from dask_lens.source.one_by_one import fetched
from dask_lens.source.program import Program, read
from dask_lens.source.waits import Wait, waits

#: Tasks from one line: two of them may be two different things.
LEAST_TASKS = 3

#: Share of the threads at work, above which the tasks run side by side after all.
MOST_BUSY = 0.6

#: Seconds: less is not worth a word.
LEAST_LOST = 0.05

_WAITS = (
    "Each pass of the loop submits one task and waits for it: never more than one of them runs"
)
_FETCHES = "{what} asks for one result after another, where gather asks for all of them at once"
_SUBMITS = ("distributed.Client.submit", "distributed.ClientExecutor.submit")

rule = Rule(
    __name__,
    code="DSK302",
    kind="slow",
    needs=("source", "tasks"),
    message=(
        "{n_tasks} tasks were submitted from this loop one after another, each waited for "
        "before the next: {busy:.1f} of {threads} threads at work. {lost:.1f} s lost."
    ),
    forecast="{how}.",
    advice="Submit all tasks first, and gather all their results at once.",
    rewrite=("gather-after-loop", "gather-together"),
    thresholds={
        "least_tasks": LEAST_TASKS,
        "most_busy": MOST_BUSY,
        "least_lost": LEAST_LOST,
    },
    dont="""
import time
from dask.distributed import Client

client = Client(processes=False, n_workers=1, threads_per_worker=4, dashboard_address=":0")

def slow(x):
    time.sleep(0.1)
    return x + 1
# %%
results = []
for x in range(6):
    results.append(client.submit(slow, x).result())  # found here
# %%
client.shutdown()
""",
    do="""
import time
from dask.distributed import Client

client = Client(processes=False, n_workers=1, threads_per_worker=4, dashboard_address=":0")

def slow(x):
    time.sleep(0.1)
    return x + 1
# %%
results = []
for x in range(6):
    results.append(client.submit(slow, x))
results = client.gather(results)
# %%
client.shutdown()
""",
)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find results that are waited for in the pass of a loop that submits their task."""
    program = read(run.cells)
    for wait, loop in looped(program).items():
        submit = _submitted(program, wait, loop)
        if submit is None:
            continue
        place = program.place(wait.cell, wait.node)
        fixes = (Fix("gather-after-loop"),)
        ran = computations_at(run, program, wait.cell, [submit])
        if is_over(run) and (ran or loop.cell == run.observed):
            evidence = _measured(ran, settings)
            if evidence is not None:
                lost = evidence["lost"]
                fixes = (Fix("gather-after-loop", ran=tuple(t for c in ran for t in apart(c))),)
                yield rule.finding(place, certainty="seen", cost=lost, fixes=fixes, **evidence)
        elif concerns(run, loop.cell):
            yield rule.finding(place, certainty="likely", fixes=fixes, how=_WAITS)
    for wait in () if is_over(run) else waits(program):
        if concerns(run, wait.cell) and fetched(program, wait) is not None:
            yield rule.finding(
                program.place(wait.cell, wait.node),
                certainty="likely",
                fixes=(Fix("gather-together"),),
                minor=True,  # all tasks are under way: little is lost
                how=_FETCHES.format(what=ast.unparse(wait.node)),
            )


def _submitted(program: Program, wait: Wait, loop: Loop) -> ast.Call | None:
    future = wait.values[0] if wait.values else None
    if wait.how not in ("result", "gather") or future is None or future.call is None:
        return None
    if not future.is_instance(api.FUTURE):
        return None
    made = program.by_node.get(future.call)
    if made is None or made.name not in _SUBMITS:
        return None
    if loop.call is None and made.node not in set(loop.parts()):
        return None
    return made.node if loop.call is None or made.inside == wait.inside else None


def _measured(ran: tuple[Computation, ...], settings: Settings) -> dict[str, Any] | None:
    """Return what waiting for each task cost; None where that is nothing."""
    tasks = [task for c in ran for task in c.tasks]
    if len(tasks) < settings["least_tasks"]:
        return None
    threads = max(c.threads for c in ran)
    took = max(task.stop for task in tasks) - min(task.start for task in tasks)
    work = sum(task.duration for task in tasks)
    busy = work / took if took > 0 else 0.0
    lost = took - max(work / threads, *(task.duration for task in tasks))
    if lost < settings["least_lost"] or busy > settings["most_busy"] * threads:
        return None
    return {"n_tasks": len(tasks), "busy": busy, "threads": threads, "lost": lost}

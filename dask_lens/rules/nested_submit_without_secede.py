"""A task waits for tasks of its own and keeps its thread while it does.

``get_client()`` lets a task submit more tasks. While it waits for them (``result``,
``gather``, ``wait``, ``as_completed``) it goes on holding one of its worker's threads, and
each task it waits for needs such a thread too.

*Why it costs*: threads stand idle as long as tasks wait; once every thread holds a waiting
task nothing can run, and the cluster hangs for ever, without an error. To interrupt the kernel
ends the worker processes of its own cluster, too, and ``client.restart()`` does not bring them
back: make a new client.

*When it is fine*: the task leaves its thread first, by ``secede()`` or in a ``worker_client()``
block; it submits and does not wait; it is asynchronous and awaits; only one such task runs,
on a cluster with more threads than that.

*References*: https://distributed.dask.org/en/stable/task-launch.html;
https://docs.dask.org/en/stable/futures.html#submit-tasks-from-tasks;
https://github.com/dask/distributed/issues/7223;
https://github.com/dask/distributed/pull/993
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from dask_lens.record.computation import Computation
from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._repeats import loops
from dask_lens.rules._task_bodies import TaskBody, task_bodies
from dask_lens.source import api
from dask_lens.source.calls import Call

#: Seconds in which nothing finishes: heartbeats, which tell that a thread was left, take 1 s.
LEAST_STUCK = 3.0

rule = Rule(
    __name__,
    code="DSK102",
    kind="fails",
    needs=("source", "tasks"),
    message=(
        "{function} waited inside its task for tasks it submitted ({waits_by}) and kept its "
        "thread meanwhile: {outcome}."
    ),
    forecast=(
        "{function} waits inside its task for tasks it submitted ({waits_by}) and keeps its "
        "thread meanwhile: {outcome}."
    ),
    advice="Wait in a worker_client() block, which leaves the thread to others meanwhile.",
    rewrite=("wait-in-worker-client",),
    thresholds={"least_stuck": LEAST_STUCK},
    dont="""
import distributed

client = distributed.Client(
    processes=False, n_workers=1, threads_per_worker=4, dashboard_address=":0"
)
# %%
def double(x):
    return 2 * x

def total(n):
    inner = distributed.get_client()
    return sum(inner.gather(inner.map(double, range(n))))  # found here
# %%
totals = client.gather(client.map(total, [2, 3]))
# %%
client.shutdown()
""",
    do="""
import distributed

client = distributed.Client(
    processes=False, n_workers=1, threads_per_worker=4, dashboard_address=":0"
)
# %%
def double(x):
    return 2 * x

def total(n):
    with distributed.worker_client() as inner:
        return sum(inner.gather(inner.map(double, range(n))))
# %%
totals = client.gather(client.map(total, [2, 3]))
# %%
client.shutdown()
""",
)

_MAY_HANG = "as many of them as there are threads, and nothing can run any more"
_HANGS = (
    "all threads ({threads}) are held by tasks that wait, and nothing has finished for "
    "{stuck:.0f} s. Interrupt the kernel, close the client and make a new one; for a cluster that "
    "is not this kernel's own, client.restart() will do"
)
_HUNG = (
    "all threads ({threads}) were held by tasks that waited, and nothing finished for "
    "{stuck:.0f} s, until it was broken off"
)
_LOCAL = "distributed.LocalCluster"
_WAITS = ("distributed.wait", "distributed.as_completed")


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find tasks that wait for tasks and were never told to leave their thread."""
    nested = any(computation.nested for computation in run.computations)
    ran = {task.prefix for computation in run.computations for task in computation.tasks}
    hung = max(run.computations, key=lambda c: c.stuck, default=None)
    stuck = hung if hung is not None and hung.stuck >= settings["least_stuck"] else None
    explained = False
    for task in task_bodies(run, _hung(stuck)):
        wait = _wait(task)
        if wait is None or not (stuck or _several(task)):
            continue
        explained = True
        seen = stuck is not None or (nested and task.function.name in ran)
        yield rule.finding(
            task.program.place(wait.cell, wait.node),
            certainty="seen" if seen else "likely",
            fixes=(Fix("wait-in-worker-client"),),
            function=task.name,
            waits_by=wait.name.rpartition(".")[2],
            **_outcome(stuck),
        )
    if stuck is not None and not explained:
        # What waits is not in the cells: a function of a module.
        evidence = {"function": "A task", "waits_by": "result or gather", **_outcome(stuck)}
        yield rule.finding(stuck.place, certainty="seen", **evidence)


def _hung(stuck: Computation | None) -> frozenset[str]:
    """Return what the tasks that hang are called: their keys begin with it."""
    keys = () if stuck is None or stuck.graph is None else stuck.graph.keys
    return frozenset(key.rpartition("-")[0] for key in keys)


def _outcome(stuck: Computation | None) -> dict[str, Any]:
    """Return what came of it, or may come."""
    if stuck is None:
        return {"outcome": _MAY_HANG}
    numbers = {"threads": stuck.threads, "stuck": stuck.stuck}
    outcome = _HANGS if stuck.status == "open" else _HUNG
    return {"outcome": outcome.format(**numbers), **numbers}


def _wait(task: TaskBody) -> Call | None:
    """Return the call by which a task waits for its own tasks and keeps its thread."""
    if isinstance(task.function.node, ast.AsyncFunctionDef):
        return None
    if any(call.name == "distributed.secede" for call in task.calls):
        return None
    return next((call for call in task.calls if _waits(task, call)), None)


def _waits(task: TaskBody, call: Call) -> bool:
    """Whether a call waits for tasks of a client that keeps the thread."""
    if call.name == "distributed.Future.result":
        made = task.own_future(call.receiver)
        return made is not None and _keeps_thread(task, made)
    if call.name == "distributed.Client.gather" or (
        call.name == "distributed.Client.compute" and call.literal("sync") is True
    ):
        return _keeps_thread(task, call)
    if call.name in _WAITS:
        made = task.own_future(call.arguments[0] if call.arguments else None)
        return made is not None and _keeps_thread(task, made)
    return False


def _keeps_thread(task: TaskBody, call: Call) -> bool:
    client = task.own_client(call.receiver)
    return client is not None and client.name in api.WORKER_CLIENTS


def _several(task: TaskBody) -> bool:
    """Whether more than one such task may be under way, or one is too many already."""
    uses = task.uses
    if len(uses) != 1 or uses[0].name != "distributed.Client.submit":
        return True
    [use] = uses
    repeated = any(loops(task.program.cells[use.cell], use.node))
    return repeated or use.inside is not None or _single_thread(task)


def _single_thread(task: TaskBody) -> bool:
    """Whether the text says that the cluster has one thread."""
    made = [*task.program.by_name.get(api.CLIENT, ()), *task.program.by_name.get(_LOCAL, ())]
    return any(
        call.literal("threads_per_worker") == 1 and call.literal("n_workers") == 1 for call in made
    )

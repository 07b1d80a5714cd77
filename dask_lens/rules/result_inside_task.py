"""A task fetches the result of its own task with ``result()``.

``Future.result`` brings data to the client of the task as it would to a notebook: through the
scheduler's connection and pickled, even from the worker it is on. ``gather`` of the same client
takes what the worker has as it is, and the rest from the workers that have it.

*Why it costs*: every large result is copied once more, in one thread.

*When it is fine*: the results are small; the task is asynchronous; the function runs here and not
as a task.

*References*: https://github.com/dask/distributed/issues/8086;
https://distributed.dask.org/en/stable/task-launch.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._task_bodies import TaskBody, nested_bodies
from dask_lens.source import api
from dask_lens.source.calls import Call

#: Bytes of the largest result below which copying it costs less than 1 ms.
LEAST_NBYTES = 1_000_000

rule = Rule(
    __name__,
    code="DSK105",
    kind="slow",
    needs=("source", "tasks"),
    message=(
        "{function} fetches the results of its own tasks with result(): they were copied to it, "
        "the largest of {nbytes:,} bytes."
    ),
    forecast=(
        "{function} fetches the results of its own tasks with result(): they are copied to it, "
        "even from the worker it runs on."
    ),
    advice="Use gather of the same client, which leaves what is there where it is.",
    rewrite=("gather-result",),
    thresholds={"least_nbytes": LEAST_NBYTES},
    dont="""
from dask.distributed import Client, worker_client

client = Client(processes=False, n_workers=1, threads_per_worker=2, dashboard_address=":0")
# %%
def large(size):
    return bytes(size)

def length(size):
    with worker_client() as inner:
        future = inner.submit(large, size)
        return len(future.result())  # found here
# %%
result = client.submit(length, 2_000_000).result()
# %%
client.shutdown()
""",
    do="""
from dask.distributed import Client, worker_client

client = Client(processes=False, n_workers=1, threads_per_worker=2, dashboard_address=":0")
# %%
def large(size):
    return bytes(size)

def length(size):
    with worker_client() as inner:
        future = inner.submit(large, size)
        return len(inner.gather(future))
# %%
result = client.submit(length, 2_000_000).result()
# %%
client.shutdown()
""",
)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find such calls in tasks that have left their thread; others hang first (DSK102)."""
    nested = [c for c in run.computations if c.nested]
    sizes = [task.nbytes for c in nested for task in c.tasks]
    known = [size for size in sizes if size is not None]
    if known and max(known) < settings["least_nbytes"]:
        return
    for task in nested_bodies(run):
        if isinstance(task.function.node, ast.AsyncFunctionDef):
            continue
        left = any(call.name == "distributed.secede" for call in task.calls)
        found = next((call for call in task.calls if _fetches(task, call, left=left)), None)
        if found is not None:
            yield rule.finding(
                task.program.place(found.cell, found.node),
                certainty="seen" if known else "likely",
                fixes=(Fix("gather-result"),),
                function=task.name,
                nbytes=max(known, default=0),
            )


def _fetches(task: TaskBody, call: Call, *, left: bool) -> bool:
    """Whether a call fetches the result of a task of the task's own."""
    if call.name != "distributed.Future.result":
        return False
    made = task.own_future(call.receiver)
    client = task.own_client(made.receiver) if made is not None else None
    return client is not None and (left or client.name == api.WORKER_CLIENT)

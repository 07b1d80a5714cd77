"""A task scatters data to the cluster.

A task's data already is on the cluster. ``scatter`` inside a task sends it another way round, and
under a key made from its content: two tasks that scatter equal data share one key, and the first
that is done releases it for both.

*Why it costs*: the data travels once more; tasks that share a key can lose it to each other
(``KeyError``, ``CancelledError``).

*When it is fine*: ``hash=False``; the call stands in a function that runs here; the data was read
in the task and has to be on every worker.

*References*: https://github.com/dask/distributed/issues/3703;
https://github.com/dask/distributed/issues/4612;
https://github.com/dask/distributed/issues/2038
"""

from __future__ import annotations

from collections.abc import Iterator

from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._task_bodies import TaskBody, nested_bodies
from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.values import contained

rule = Rule(
    __name__,
    code="DSK103",
    kind="slow",
    needs=("source",),
    message=(
        "{function} runs as a task and scatters data from there: it is on the cluster already, "
        "and equal data of two tasks gets one key, which the first to finish releases."
    ),
    advice="Pass the data as an argument of the inner tasks, or return it from a task.",
    rewrite=("pass-directly",),
    dont="""
from dask.distributed import Client, worker_client

client = Client(processes=False, n_workers=1, threads_per_worker=2, dashboard_address=":0")

def total(numbers):
    with worker_client() as inner:
        parts = inner.scatter(numbers)  # found here
        return sum(inner.gather(inner.map(abs, parts)))
# %%
result = client.submit(total, [-1, -2]).result()
# %%
client.shutdown()
""",
    do="""
from dask.distributed import Client, worker_client

client = Client(processes=False, n_workers=1, threads_per_worker=2, dashboard_address=":0")

def total(numbers):
    with worker_client() as inner:
        return sum(inner.gather(inner.map(abs, numbers)))
# %%
result = client.submit(total, [-1, -2]).result()
# %%
client.shutdown()
""",
)

_SCATTER = "distributed.Client.scatter"


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find scatters of a client that a task got for itself."""
    del settings
    for task in nested_bodies(run):
        for call in task.calls:
            if call.name == _SCATTER and _is_nested(task, call):
                yield rule.finding(
                    task.program.place(call.cell, call.node),
                    certainty="likely",
                    fixes=(Fix("pass-directly"),),
                    function=task.name,
                )
                break


def _is_nested(task: TaskBody, call: Call) -> bool:
    """Whether a task scatters; what it returns of that is another rule's."""
    if task.own_client(call.receiver) is None or call.literal("hash") is False:
        return False
    returned = (contained(value, api.FUTURE) for _, value in task.body.returns)
    return not any(value is not None and value.call is call.node for value in returned)

"""All of a large collection is computed into this process.

``compute()`` puts the pieces of the result together on one worker, and sends the whole to the
process that asked. Both have to hold it at once, next to the pieces.

*Why it costs*: a result that needs more than half of a worker's memory brings that worker to its
limit while it is put together; it then travels, and is unpacked here.

*When it is fine*: the result is small against the memory of a worker. On local schedulers there
is no worker, and nothing is said.

*References*: https://distributed.dask.org/en/stable/memory.html;
https://docs.dask.org/en/stable/dataframe-best-practices.html#reduce-and-then-use-pandas;
https://github.com/dask/distributed/issues/11402
"""

from __future__ import annotations

from collections.abc import Iterator

from dask_lens.record.computation import Computation
from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.source import api
from dask_lens.source.computes import computes_at
from dask_lens.source.program import read

#: Share of a worker's memory: the pieces and the whole are there at once.
MOST_OF_WORKER = 0.5

rule = Rule(
    __name__,
    code="DSK405",
    kind="slow",
    needs=("tasks",),
    message=(
        "The result has {megabytes:.0f} MB: it was put together on one worker with {limit:.0f} "
        "MB of memory, and sent here."
    ),
    advice="Leave it on the cluster (persist), write it to files, or reduce it first.",
    rewrite=("persist-result",),
    thresholds={"most_of_worker": MOST_OF_WORKER},
    dont="""
import dask
import dask.array as da
from dask.distributed import Client

deeds = ("target", "spill", "pause", "terminate")
with dask.config.set({f"distributed.worker.memory.{deed}": False for deed in deeds}):
    client = Client(
        processes=False,
        n_workers=1,
        threads_per_worker=2,
        memory_limit="30MB",
        dashboard_address=":0",
    )
numbers = da.ones(2_000_000, chunks=500_000)
# %%
doubled = (numbers * 2).compute()  # found here
# %%
client.shutdown()
""",
    do="""
import dask
import dask.array as da
from dask.distributed import Client

deeds = ("target", "spill", "pause", "terminate")
with dask.config.set({f"distributed.worker.memory.{deed}": False for deed in deeds}):
    client = Client(
        processes=False,
        n_workers=1,
        threads_per_worker=2,
        memory_limit="30MB",
        dashboard_address=":0",
    )
numbers = da.ones(2_000_000, chunks=500_000)
# %%
doubled = (numbers * 2).persist()
# %%
client.shutdown()
""",
)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Compare the last result of each computation with the memory of the workers."""
    program = read(run.cells)
    for computation in run.computations:
        place = computation.place
        call = next(computes_at(program, place), None) if place is not None else None
        owner, _, last = call.name.rpartition(".") if call is not None else ("", "", "")
        if call is None or last != "compute" or owner not in ("dask", *api.COLLECTIONS):
            continue
        limits = [w.memory_limit for w in computation.workers if w.memory_limit]
        nbytes = _result(computation)
        if not limits or nbytes is None or nbytes < settings["most_of_worker"] * min(limits):
            continue
        yield rule.finding(
            program.place(call.cell, call.node),
            certainty="seen",
            fixes=(Fix("persist-result"),),
            megabytes=nbytes / 1e6,
            limit=min(limits) / 1e6,
        )


def _result(computation: Computation) -> int | None:
    """Return the bytes of what no task waits for; None where not every task is known.

    Newer Dask puts the pieces together in one task; from older Dask they come one by one.
    """
    graph = computation.graph
    if computation.scheduler != "distributed" or computation.stop is None:
        return None
    if not computation.tasks or len(computation.tasks) < computation.n_tasks:
        return None
    if graph is None:
        return max(computation.tasks, key=lambda task: task.stop).nbytes
    last = {graph.keys[i] for i in graph.sinks()}
    sizes = [task.nbytes for task in computation.tasks if task.key in last]
    return sum(size or 0 for size in sizes) if sizes else None

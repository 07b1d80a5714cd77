"""All of a large collection is computed into this process.

``compute()`` puts the pieces of the result together on one worker, and sends the whole to the
process that asked. Both have to hold it at once, next to the pieces.

*Why it costs*: a result that needs more than half of a worker's memory brings that worker to its
limit while it is put together; it then travels, and is unpacked here.

On local schedulers the pieces and the whole are in this process, with the memory that is left.

*When it is fine*: the result is small against the memory of a worker, or against what is left.

*References*: https://distributed.dask.org/en/stable/memory.html;
https://docs.dask.org/en/stable/dataframe-best-practices.html#reduce-and-then-use-pandas;
https://github.com/dask/distributed/issues/11402
"""

from __future__ import annotations

from collections.abc import Iterator

from dask_lens.record.cell import Place
from dask_lens.record.computation import Computation
from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._ran import is_over
from dask_lens.source import api
from dask_lens.source.computes import compute_at
from dask_lens.source.program import Program, read

#: Share of a worker's memory: the pieces and the whole are there at once.
MOST_OF_WORKER = 0.5

#: Share of the memory that was left in this computer, where there is no worker.
MOST_OF_LEFT = 0.2

rule = Rule(
    __name__,
    code="DSK405",
    kind="slow",
    needs=("tasks",),
    message="The result has {megabytes:.0f} MB: {where}.",
    advice="Leave it on the cluster (persist), write it to files, or reduce it first.",
    rewrite=("persist-result",),
    thresholds={"most_of_worker": MOST_OF_WORKER, "most_of_left": MOST_OF_LEFT},
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


_ON_WORKER = "it was put together on one worker with {:.0f} MB of memory, and sent here"
_HERE = "it was put together in this process, when {:.0f} MB of memory were left"


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Compare results with the memory of the workers, or with what was left here."""
    program = read(run.cells)
    for computation in run.computations:
        place = _compute_at(program, computation.place)
        limits = [w.memory_limit for w in computation.workers if w.memory_limit]
        nbytes = _result(computation)
        if place is None or not limits or nbytes is None:
            continue
        if nbytes >= settings["most_of_worker"] * min(limits):
            where, fixes = _ON_WORKER.format(min(limits) / 1e6), (Fix("persist-result"),)
            yield _found(place, nbytes, where, *fixes)
    for call in run.calls if is_over(run) else ():
        left = call.facts.get("memory_left")
        place = _compute_at(program, call.place) if left and call.name == "dask.compute" else None
        nbytes = sum(entry.get("nbytes", 0) for entry in call.facts.get("collections", ()))
        if place is not None and left and nbytes >= settings["most_of_left"] * left:
            yield _found(place, nbytes, _HERE.format(left / 1e6))


def _found(place: Place, nbytes: int, where: str, *fixes: Fix) -> Finding:
    return rule.finding(place, certainty="seen", fixes=fixes, megabytes=nbytes / 1e6, where=where)


def _compute_at(program: Program, place: Place | None) -> Place | None:
    """Return where the compute call stands whose line this is; None where there is none."""
    call = compute_at(program, place)
    owner, _, last = call.name.rpartition(".") if call is not None else ("", "", "")
    if call is None or last != "compute" or owner not in ("dask", *api.COLLECTIONS):
        return None
    return program.place(call.cell, call.node)


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

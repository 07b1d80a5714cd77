"""A compute call names a local scheduler although a cluster is there.

``scheduler="threads"`` or ``"processes"`` in a compute call wins over the client: the tasks run
in this process or in a pool of this machine, and the cluster stands idle. Dask warned of that
until 2025.4; it no longer does.

*Why it costs*: the workers that were started do nothing, the dashboard shows nothing, data that
was persisted on the cluster cannot be used, and a pool of processes is started anew for each
call.

*When it is fine*: a single-threaded scheduler (``"sync"``) to debug, which is not reported; code
that compares schedulers on purpose; calls that take a moment.

*References*: https://github.com/dask/dask/pull/8700; https://github.com/dask/dask/pull/11736;
https://docs.dask.org/en/stable/scheduling.html#configuration.
"""

from __future__ import annotations

from collections.abc import Iterator

from dask_lens.record.cell import Place
from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._ran import computations_at, concerns, is_over
from dask_lens.rules._settings import client_at, compares_schedulers
from dask_lens.source.calls import Call
from dask_lens.source.computes import computes
from dask_lens.source.configured import PROCESSES, THREADS, scheduler_of
from dask_lens.source.loops import callers
from dask_lens.source.program import Program, read

#: Seconds: a call that takes less is not worth a way through the cluster.
LEAST_SECONDS = 0.05

rule = Rule(
    __name__,
    code="DSK204",
    kind="slow",
    needs=("source", "tasks"),
    message=(
        "{n_tasks} tasks ran for {seconds:.1f} s on the local {scheduler} scheduler while the "
        "cluster of the client stood idle."
    ),
    forecast="The tasks will run on the local {scheduler} scheduler, past the client's cluster.",
    advice="Leave scheduler= out: the client is used by default.",
    rewrite=("drop-scheduler",),
    thresholds={"least_seconds": LEAST_SECONDS},
    dont="""
import time
import dask
from dask.distributed import Client

client = Client(n_workers=2, threads_per_worker=2, processes=False, dashboard_address=":0")

@dask.delayed
def slow(x):
    time.sleep(0.1)
    return x

tasks = [slow(i) for i in range(4)]
# %%
results = dask.compute(*tasks, scheduler="threads")  # found here
# %%
client.close()
""",
    do="""
import time
import dask
from dask.distributed import Client

client = Client(n_workers=2, threads_per_worker=2, processes=False, dashboard_address=":0")

@dask.delayed
def slow(x):
    time.sleep(0.1)
    return x

tasks = [slow(i) for i in range(4)]
# %%
results = dask.compute(*tasks)
# %%
client.close()
""",
)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find compute calls that name a scheduler while a client is there."""
    program = read(run.cells)
    fixes = (Fix("drop-scheduler"),)
    for call in computes(program):
        scheduler = scheduler_of(call)
        kind = "threads" if scheduler in THREADS else "processes"
        if scheduler not in THREADS | PROCESSES or compares_schedulers(program):
            continue
        place = program.place(call.cell, call.node)
        ran = computations_at(run, program, call.cell, [call.node])
        if is_over(run) and ran:
            seconds = sum((c.stop or c.start) - c.start for c in ran)
            if _had_client(run, place) and seconds >= settings["least_seconds"]:
                yield rule.finding(
                    place,
                    certainty="seen",
                    fixes=fixes,
                    n_tasks=sum(c.n_tasks for c in ran),
                    seconds=seconds,
                    scheduler=kind,
                )
        elif concerns(run, call.cell) and _will_have_client(program, call):
            yield rule.finding(place, certainty="likely", fixes=fixes, scheduler=kind)


def _had_client(run: Run, place: Place) -> bool:
    lines = range(place.line, (place.end_line or place.line) + 1)
    return any(
        call.facts.get("client") is True
        for call in run.calls
        if call.name in ("dask.compute", "dask.persist")
        and call.place is not None
        and call.place.cell == place.cell
        and call.place.line in lines
    )


def _will_have_client(program: Program, call: Call) -> bool:
    reached = [call] if call.inside is None else callers(program, call.inside)
    return any(c.inside is None and client_at(program, c) is not None for c in reached)

"""Tasks that compute in Python run in threads, one at a time.

Threads of one process share the interpreter's lock (the GIL): of several that run Python code,
one goes on and the others wait for it. Python loops, texts, dicts and JSON hold the lock; NumPy,
most of pandas, compression and waiting for files or the network let go of it. Threads are what
``dask.delayed``, arrays and dataframes use unless told otherwise, and ``Client(processes=False)``.

*Why it costs*: two loops of a second take two seconds in two threads, and a little more than
that for handing the lock over. In two processes they take one, and what starting those takes.

*When it is fine*: tasks that wait, for files, the network or ``sleep``; tasks that compute in
NumPy and the like; one thread; Python without a GIL (3.13t and later); work so short that
starting processes takes longer: the predicted time beside the proposal tells. Of functions that
are called for every row of a table, DSK513 tells.

*How it is known*: while tasks run in threads of the notebook's own process, it is looked some
twenty times a second whether threads that compute hold the lock, and the CPU time of tasks is
measured. Of workers that are processes of their own and have several threads each, only the CPU
time is known: then the text of the function must tell as well that it computes in Python.

*What is not looked at*: before the cell has run, functions whose text does not say that they go
through a loop of Python a million times and more.

*References*: https://docs.dask.org/en/stable/scheduling.html#local-threads;
https://distributed.dask.org/en/stable/efficiency.html#adjust-between-threads-and-processes;
https://docs.python.org/3/glossary.html#term-global-interpreter-lock
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dask_lens.metrics.calibration import setup_of
from dask_lens.metrics.change import Change
from dask_lens.metrics.gil import Contest, contest
from dask_lens.metrics.losses import cpu_known
from dask_lens.metrics.whatif import predict
from dask_lens.record.computation import Computation
from dask_lens.record.run import NotJudged, Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._by_row import by_row, is_made_by
from dask_lens.rules._chunked import held_up
from dask_lens.rules._on_threads import Threaded, cluster_call, threaded
from dask_lens.rules._python_work import computes_in_python, is_python, passes
from dask_lens.rules._ran import concerns
from dask_lens.source.computes import computed_at
from dask_lens.source.program import Program, read

#: Seconds that processes would save: less is not worth a word.
LEAST_LOST = 0.2

#: Share of the time that the computation took: less is within the noise.
LEAST_SHARE = 0.05

#: Looks at the lock of which something can be told.
LEAST_LOOKS = 5

#: Share of the looks at which the lock was held. On a machine that is not too busy it is next to
#: all of them where tasks compute in Python, and next to none where they do not.
LEAST_HELD = 0.6

#: CPU seconds in each second from which on one task was computing most of the time, where there
#: are no looks.
LEAST_AT_ONCE = 0.7

#: Passes of Python loops in one task, as written: some 50 ms.
LEAST_PASSES = 1_000_000

rule = Rule(
    __name__,
    code="DSK203",
    kind="slow",
    needs=("tasks", "source"),
    message=(
        "{n_tasks} tasks ran in {threads} threads, and {at_once:.1f} of them computed at a time: "
        "mostly {prefix}, in Python, which holds the interpreter's lock (GIL). {lost:.1f} s lost."
    ),
    forecast=(
        "{prefix} goes through {passes:,.0f} passes of a loop in Python: in threads, which share "
        "the interpreter's lock (GIL), such tasks compute one at a time."
    ),
    advice="Let processes with one thread each run tasks that compute in Python.",
    rewrite=("compute-on-processes", "move-to-local-cluster", "separate-threads"),
    thresholds={
        "least_lost": LEAST_LOST,
        "least_share": LEAST_SHARE,
        "least_looks": LEAST_LOOKS,
        "least_held": LEAST_HELD,
        "least_at_once": LEAST_AT_ONCE,
        "least_passes": LEAST_PASSES,
    },
    dont="""
import dask

@dask.delayed
def count(n):
    total = 0
    for i in range(n):
        total += i % 7
    return total

tasks = [count(12_000_000), count(12_000_001)]
# %%
totals = dask.compute(*tasks, scheduler="threads", num_workers=2)  # found here
""",
    do="""
import dask

@dask.delayed
def count(n):
    total = 0
    for i in range(n):
        total += i % 7
    return total

tasks = [count(12_000_000), count(12_000_001)]
# %%
totals = dask.compute(*tasks, scheduler="processes", num_workers=2, chunksize=1)
""",
)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding | NotJudged]:
    """Judge what ran in threads, and calls that will run long loops in threads."""
    program = read(run.cells)
    for computation in run.computations:
        if held_up(run, computation) is not None:
            continue  # of other chunks, there would be no such contest
        if computation.status == "finished" and setup_of(computation).threads > 1:
            yield from _measured(program, computation, settings)
    seen = {c.place.cell for c in run.computations if c.place is not None and c.stop is not None}
    for one in threaded(program):
        if one.call.cell in seen or not concerns(run, one.call.cell):
            continue
        number = passes(program, one.function, one.made)
        if number >= settings["least_passes"] and is_python(program, one.function):
            yield rule.finding(
                program.place(one.call.cell, one.call.node),
                certainty="likely",
                fixes=_fixes(program, None, one),
                prefix=one.function.name[:60],
                passes=number,
            )


def _measured(
    program: Program, computation: Computation, settings: Settings
) -> Iterator[Finding | NotJudged]:
    if computation.busy < settings["least_lost"]:
        return
    if not cpu_known([computation]):
        yield NotJudged(rule.name, "the CPU time of tasks was not measured")
        return
    found = contest(computation)
    least = settings["least_share"] * ((computation.stop or 0.0) - computation.start)
    if found is None or not found.one_at_a_time:
        return
    if any(is_made_by(call, found.prefix) for call in by_row(program)):
        return  # DSK513 says so
    if found.saved < max(settings["least_lost"], least):
        return
    is_held = _is_held(program, computation, found, settings)
    if is_held is None:
        yield NotJudged(rule.name, "nothing tells whether its tasks compute in Python")
    elif is_held:
        yield rule.finding(
            computed_at(program, computation.place),
            certainty="seen",
            cost=found.saved,
            fixes=_fixes(program, computation, None),
            **_evidence(computation, found),
        )


def _is_held(
    program: Program, computation: Computation, found: Contest, settings: Settings
) -> bool | None:
    """Whether it is the lock that kept tasks from computing side by side; None: not known."""
    if computation.looks >= settings["least_looks"]:
        return bool(computation.held >= settings["least_held"] * computation.looks)
    if found.at_once < settings["least_at_once"]:
        return False
    return computes_in_python(program, found.prefix)


def _evidence(computation: Computation, found: Contest) -> dict[str, Any]:
    return {
        "n_tasks": computation.n_tasks,
        "threads": computation.threads,
        "prefix": found.prefix[:60],
        "at_once": found.at_once,
        "cpu": found.cpu,
        "lost": found.saved,
        "looks": computation.looks,
        "held": computation.held,
    }


def _fixes(
    program: Program, computation: Computation | None, one: Threaded | None
) -> tuple[Fix, ...]:
    """Return the rewrites that fit: of the call that computes, or of the one that made threads."""
    is_local = computation.scheduler == "threads" if computation else one is not None and one.local
    if not is_local:
        made = cluster_call(program)
        place = program.place(made.cell, made.node) if made is not None else None
        change = Change(
            workers=computation.threads if computation else None,
            threads_per_worker=1,
            together=False,
        )
        after = None if computation is None else predict(computation, change)
        return (Fix("separate-threads", place, estimate=after),)
    processes, cluster = (
        None
        if computation is None
        else predict(computation, Change(scheduler, threads_per_worker=1, chunksize=1))
        for scheduler in ("processes", "distributed")
    )
    return (
        Fix("compute-on-processes", estimate=processes),
        Fix("move-to-local-cluster", arguments={"threads_per_worker": 1}, estimate=cluster),
    )

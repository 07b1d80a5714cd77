"""Large data goes back and forth between this process and those of the processes scheduler.

The processes scheduler keeps every result in the process of the notebook. What a task needs is
pickled here, sent to a process and unpickled there; its result comes back in the same way, and
goes out again to each task that needs it.

*Why it costs*: an array of 40 MB that two tasks need is pickled three times and unpickled three
times. This process does its part of that one task after another, so that more processes do not
help. It is in memory here, and in each process that works on it.

*When it is fine*: names of files, counts and other small things go in and come out, and the data
is read, worked on and written inside of a task; tasks work for much longer than their data takes.

*How it is known*: bytes are those of the pickles. The seconds are what the processes spent on
unpickling and pickling; what this process spent on the same, and the pipes between them, come
on top.

*What is not looked at*: before it has run, data of which the collection does not tell the size.

*References*: https://docs.dask.org/en/stable/scheduling.html#local-processes;
https://github.com/dask/dask/issues/5649
"""

from __future__ import annotations

from collections.abc import Iterator

from dask_lens.metrics.change import Change
from dask_lens.metrics.whatif import estimate
from dask_lens.record.computation import Computation
from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._python_work import computes_in_python
from dask_lens.source.computes import computed_at
from dask_lens.source.program import Program, read

#: Bytes there and back: less is soon moved.
LEAST_BYTES = 50_000_000

#: Seconds of all processes together: less is not worth a word.
LEAST_MOVED = 0.01

#: Seconds of pickling and unpickling to each second of work in the tasks.
LEAST_SHARE = 0.2

rule = Rule(
    __name__,
    code="DSK207",
    kind="slow",
    needs=("tasks",),
    message=(
        "{sent:.0f} MB were pickled and sent to processes, and {back:.0f} MB came back: that took "
        "the processes {moved:.2g} s, and their {n_tasks} tasks {busy:.2g} s."
    ),
    forecast="A result of {back:.0f} MB will be pickled in processes and sent here.",
    advice="Keep data where tasks are: threads for NumPy and pandas, else a local cluster.",
    rewrite=("compute-on-threads", "move-to-local-cluster"),
    thresholds={
        "least_bytes": LEAST_BYTES,
        "least_moved": LEAST_MOVED,
        "least_share": LEAST_SHARE,
    },
    dont="""
import dask
import numpy as np

@dask.delayed
def numbers(n):
    return np.arange(n, dtype="float64")

@dask.delayed
def ends(a):
    return float(a.min()), float(a.max())

@dask.delayed
def total(a):
    return float(a.sum())

arrays = [numbers(n) for n in (4_000_000, 4_000_001)]
work = [f(a) for a in arrays for f in (ends, total)]
# %%
found = dask.compute(*work, scheduler="processes", num_workers=2, chunksize=1)  # found here
""",
    do="""
import dask
import numpy as np

@dask.delayed
def numbers(n):
    return np.arange(n, dtype="float64")

@dask.delayed
def ends(a):
    return float(a.min()), float(a.max())

@dask.delayed
def total(a):
    return float(a.sum())

arrays = [numbers(n) for n in (4_000_000, 4_000_001)]
work = [f(a) for a in arrays for f in (ends, total)]
# %%
found = dask.compute(*work, scheduler="threads", num_workers=2)
""",
)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Compare, for each computation on processes, moving its data with its work."""
    program = read(run.cells)
    for computation in run.computations:
        if computation.scheduler != "processes":
            continue
        if computation.status == "finished":
            yield from _measured(program, computation, settings)
        elif computation.status == "open":
            nbytes = _asked_for(run, computation)
            if nbytes >= settings["least_bytes"]:
                yield rule.finding(
                    computed_at(program, computation.place),
                    certainty="likely",
                    fixes=(Fix("compute-on-threads"), Fix("move-to-local-cluster")),
                    back=nbytes / 1e6,
                )


def _measured(program: Program, computation: Computation, settings: Settings) -> Iterator[Finding]:
    tasks = computation.tasks
    sent = sum(task.sent or 0 for task in tasks)
    back = sum(task.nbytes or 0 for task in tasks)
    moved = sum(task.movement + task.packing for task in tasks)
    busy = sum(task.duration for task in tasks)
    least = max(settings["least_moved"], settings["least_share"] * busy)
    if sent + back < settings["least_bytes"] or moved < least:
        return
    yield rule.finding(
        computed_at(program, computation.place),
        certainty="seen",
        cost=moved / max(computation.threads, 1),
        fixes=_fixes(program, computation),
        sent=sent / 1e6,
        back=back / 1e6,
        moved=moved,
        busy=busy,
        n_tasks=computation.n_tasks,
    )


def _fixes(program: Program, computation: Computation) -> tuple[Fix, ...]:
    """Return threads first, unless the text says that tasks would hold the GIL there."""
    threads = estimate(computation, Change(scheduler="threads"))
    cluster = estimate(computation, Change(scheduler="distributed"))
    fixes = (
        Fix("compute-on-threads", estimate=threads),
        Fix("move-to-local-cluster", estimate=cluster),
    )
    longest = max(computation.tasks, key=lambda task: task.duration)
    return fixes[1:] if computes_in_python(program, longest.prefix) else fixes


def _asked_for(run: Run, computation: Computation) -> int:
    """Return the bytes of the collections that were asked for, as far as they are known."""
    return sum(
        entry.get("nbytes") or 0
        for call in run.calls
        if call.name == "dask.compute" and call.place == computation.place
        for entry in call.facts.get("collections", ())
    )

"""A scheduler that one cell set for itself goes on deciding for all later cells.

``dask.config.set(scheduler="synchronous")`` as a statement holds until the kernel ends. It is
written to debug one cell, and everything computed afterwards runs in one thread, or past the
client: the order is keyword, then ``dask.config``, then client, then the collection's default.

*Why it costs*: with the synchronous scheduler one task runs at a time; with a local one the
cluster stands idle. Nothing tells.

*When it is fine*: a setting at the top of a notebook that is meant for all of it; a setting that
a later statement takes back, or a client that is made later; ``with dask.config.set(...):``.

*References*: https://docs.dask.org/en/stable/scheduling.html#configuration;
https://github.com/pycalphad/pycalphad/issues/101.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dask_lens.record.call import ObservedCall
from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._ran import is_over
from dask_lens.rules._settings import client_at, is_statement
from dask_lens.source.calls import Call
from dask_lens.source.computes import computes
from dask_lens.source.configured import PROCESSES, SYNC, THREADS, literal, scheduler_of, settings
from dask_lens.source.program import Program, read

#: Seconds of tasks: less is not worth a word.
LEAST_SECONDS = 0.05

rule = Rule(
    __name__,
    code="DSK205",
    kind="slow",
    needs=("source", "tasks"),
    message=(
        "{n_tasks} tasks of another cell ran for {seconds:.1f} s on the {scheduler} scheduler, "
        "because this line set it for the rest of the session."
    ),
    forecast=(
        "scheduler={scheduler!r} holds for the rest of the session, also for what later cells "
        "compute."
    ),
    advice="Use with dask.config.set(...): around the statements that need the scheduler.",
    rewrite=("limit-setting",),
    thresholds={"least_seconds": LEAST_SECONDS},
    dont="""
import time
import dask

@dask.delayed
def slow(x):
    time.sleep(0.05)
    return x

dask.config.set(scheduler="synchronous")  # found here
checked = slow(0).compute()
# %%
results = dask.compute(*[slow(i) for i in range(4)])
""",
    do="""
import time
import dask

@dask.delayed
def slow(x):
    time.sleep(0.05)
    return x

with dask.config.set(scheduler="synchronous"):
    checked = slow(0).compute()
# %%
results = dask.compute(*[slow(i) for i in range(4)])
""",
)


@rule.check
def check(run: Run, given: Settings) -> Iterator[Finding]:
    """Find settings that were meant for one cell and decided for another."""
    program = read(run.cells)
    for call, value in settings(program, "scheduler"):
        scheduler = literal(value)
        if not isinstance(scheduler, str) or not is_statement(program, call):
            continue
        place = program.place(call.cell, call.node)
        fixes = (Fix("limit-setting"),)
        if is_over(run) and run.observed != call.cell:
            evidence = _measured(run, place.cell, place.line)
            if evidence is not None and evidence["seconds"] >= given["least_seconds"]:
                yield rule.finding(place, certainty="seen", fixes=fixes, **evidence)
        elif _decides_elsewhere(program, call, scheduler.lower(), run.observed):
            yield rule.finding(place, certainty="likely", fixes=fixes, scheduler=scheduler)


def _measured(run: Run, cell: int, line: int) -> dict[str, Any] | None:
    """Return what ran because of a setting in another cell."""
    asked = [call for call in run.calls if _was_decided_by(call, cell, line)]
    places = {call.place for call in asked}
    ran = [c for c in run.computations if c.place in places]
    if not ran:
        return None
    seconds = sum((c.stop or c.start) - c.start for c in ran)
    n_tasks = sum(c.n_tasks for c in ran)
    return {"n_tasks": n_tasks, "seconds": seconds, "scheduler": ran[0].scheduler}


def _was_decided_by(call: ObservedCall, cell: int, line: int) -> bool:
    facts = call.facts
    harmful = facts.get("scheduler") == "sync" or facts.get("client") is True
    decided = facts.get("set_at") == {"cell": cell, "line": line} and "given" not in facts
    return harmful and decided and facts.get("scheduler") != "distributed"


def _decides_elsewhere(program: Program, call: Call, scheduler: str, observed: int | None) -> bool:
    """Whether the setting decides for a cell that it was not written for.

    It was written for the cell that it stands in, if that computes; and nobody who has made a
    client means to pass it by from then on.
    """
    later = [other for other, _ in settings(program, "scheduler")]
    until = min(
        (other.position for other in later if other.position > call.position), default=None
    )
    bound = [
        other
        for other in computes(program)
        if other.position > call.position
        and (until is None or other.position < until)
        and scheduler_of(other) is None
        and not _takes_over(program, call, other)
    ]
    here = [other for other in bound if other.cell == call.cell]
    elsewhere = [
        other
        for other in bound
        if other.cell != call.cell
        and observed in (None, other.cell)
        and (scheduler in SYNC or _passes_client_by(program, other, scheduler))
    ]
    passed_by = any(_passes_client_by(program, other, scheduler) for other in elsewhere)
    return bool(elsewhere and (here or passed_by))


def _passes_client_by(program: Program, call: Call, scheduler: str) -> bool:
    local = scheduler in SYNC | THREADS | PROCESSES
    return local and client_at(program, call) is not None


def _takes_over(program: Program, call: Call, other: Call) -> bool:
    """Whether a client that was made after the setting decides: making it sets the scheduler."""
    client = client_at(program, other)
    return client is not None and client.position > call.position

"""A chunk size in ``dask.config`` makes every local scheduler send tasks in batches.

``chunksize`` in ``dask.config`` is one setting for all local schedulers. It is meant for
processes, but the threads scheduler, which sends tasks one by one otherwise, then sends batches
too, and a thread runs the tasks of its batch one after another.

*Why it costs*: four tasks of a second on four threads take four seconds with ``chunksize=6``,
and one without. ``chunksize=-1`` raises ZeroDivisionError as soon as there is a moment in which
no task is ready, and it does so as a keyword of ``compute``, too.

*When it is fine*: ``chunksize=1``, which is what threads do anyway; a batch size together with
``scheduler="processes"`` in one ``with`` statement.

*References*: the ``chunksize`` parameter of ``dask.local.get_async``;
https://github.com/dask/dask/issues/10297; https://github.com/dask/dask/pull/12530.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dask_lens.record.computation import Computation
from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._ran import concerns, is_over
from dask_lens.source.computes import computes
from dask_lens.source.configured import PROCESSES, literal, settings, settings_of
from dask_lens.source.program import read
from dask_lens.source.sizes import number as number_of

rule = Rule(
    __name__,
    code="DSK202",
    kind="slow",
    needs=("source", "tasks"),
    message=(
        "{n_tasks} tasks on threads went out in batches of {chunksize}: {busy:.1f} of {threads} "
        "threads at work. {setting} in dask.config holds for every local scheduler."
    ),
    forecast="{setting}: {consequence}.",
    advice="Leave chunksize out of dask.config, or set it to 1.",
    rewrite=("reset-chunksize", "set-chunksize"),
    dont="""
import time
import dask

@dask.delayed
def slow(x):
    time.sleep(0.05)
    return x

tasks = [slow(i) for i in range(4)]
dask.config.set({"chunksize": 6})  # found here
results = dask.compute(*tasks, scheduler="threads", num_workers=4)
""",
    do="""
import time
import dask

@dask.delayed
def slow(x):
    time.sleep(0.05)
    return x

tasks = [slow(i) for i in range(4)]
dask.config.set({"chunksize": 1})
results = dask.compute(*tasks, scheduler="threads", num_workers=4)
""",
)


@rule.check
def check(run: Run, _: Settings) -> Iterator[Finding]:
    """Find chunk sizes in dask.config, and -1 wherever it stands."""
    program = read(run.cells)
    for call, value in settings(program, "chunksize"):
        number = number_of(program, value)
        scheduler = literal(settings_of(call).get("scheduler"))
        if number is None or number in (0, 1) or (number > 0 and scheduler in PROCESSES):
            continue
        place = program.place(call.cell, call.node)
        fixes = (Fix("reset-chunksize"),)
        ran = [c for c in run.computations if c.scheduler == "threads" and c.chunksize == number]
        evidence = _measured(ran)
        setting = f"chunksize={number}"
        if is_over(run) and evidence is not None:
            yield rule.finding(
                place, certainty="seen", fixes=fixes, chunksize=number, setting=setting, **evidence
            )
        elif concerns(run, call.cell):
            told: dict[str, Any] = {"setting": setting, "consequence": _consequence(number)}
            yield rule.finding(place, certainty="likely", fixes=fixes, **told)
    for call in computes(program):
        if number_of(program, call.keyword("chunksize")) == -1 and concerns(run, call.cell):
            place = program.place(call.cell, call.node)
            told = {"setting": "chunksize=-1", "consequence": _consequence(-1)}
            yield rule.finding(place, certainty="likely", fixes=(Fix("set-chunksize"),), **told)


def _consequence(number: int) -> str:
    if number < 0:
        return "Dask raises ZeroDivisionError as soon as no task is ready for a moment"
    return (
        f"threads get tasks in batches of {number}, too, and run those of a batch one after "
        "another"
    )


def _measured(ran: list[Computation]) -> dict[str, Any] | None:
    done = [c for c in ran if c.stop is not None and c.n_tasks > 1]
    if not done:
        return None
    took = sum((c.stop or c.start) - c.start for c in done)
    return {
        "n_tasks": sum(c.n_tasks for c in done),
        "threads": max(c.threads for c in done),
        "busy": sum(c.busy for c in done) / took if took else 0.0,
    }

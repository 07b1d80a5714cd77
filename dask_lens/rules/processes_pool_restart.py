"""Every compute call on the processes scheduler starts its processes anew.

The processes scheduler makes a pool of processes for each call and ends it with the call. Its
processes are spawned: each starts Python and imports what its tasks need.

*Why it costs*: half a second to several seconds for each call, before the first task runs.

*When it is fine*: one call; calls of minutes; a pool of your own, given as ``pool=`` or with
``dask.config.set(pool=...)``, which is used again.

*References*: https://github.com/dask/dask/blob/2026.8.0/dask/multiprocessing.py#L201;
https://docs.dask.org/en/stable/scheduling.html#local-processes.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dask_lens.record.computation import Computation
from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._ran import concerns, is_over
from dask_lens.source.branches import either_or
from dask_lens.source.calls import Call
from dask_lens.source.computes import computed_at, computes, starts_processes
from dask_lens.source.configured import setting_at, settings
from dask_lens.source.loops import loop_around
from dask_lens.source.program import Program, read
from dask_lens.source.timing import tells_time
from dask_lens.source.values import Function

#: Seconds of starting again: less is not worth a word.
LEAST_LOST = 0.1

rule = Rule(
    __name__,
    code="DSK208",
    kind="slow",
    needs=("source", "tasks"),
    message="{pools} pools of processes were started, one for each call; {lost:.1f} s lost.",
    forecast="{what} will each start a pool of processes of their own.",
    advice="Compute everything in one call, or give all calls one pool.",
    rewrite=("share-pool",),
    thresholds={"least_lost": LEAST_LOST},
    dont="""
import dask

@dask.delayed
def double(x):
    return x * 2

numbers = [double(i) for i in range(2)]
squares = [double(i * i) for i in range(2)]
# %%
a = dask.compute(*numbers, scheduler="processes", num_workers=2, chunksize=1)
b = dask.compute(*squares, scheduler="processes", num_workers=2, chunksize=1)  # found here
""",
    do="""
import dask

@dask.delayed
def double(x):
    return x * 2

numbers = [double(i) for i in range(2)]
squares = [double(i * i) for i in range(2)]
# %%
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool, dask.config.set(pool=pool):
    a = dask.compute(*numbers, scheduler="processes", num_workers=2, chunksize=1)
    b = dask.compute(*squares, scheduler="processes", num_workers=2, chunksize=1)
""",
)


@rule.check
def check(run: Run, given: Settings) -> Iterator[Finding]:
    """Find cells that start several pools of processes."""
    program = read(run.cells)
    fixes = (Fix("share-pool"),)
    if is_over(run):
        pools = [c for c in run.computations if c.scheduler == "processes" and not _shared(run, c)]
        lost = sum(_start_up(c) for c in pools[1:])
        if len(pools) > 1 and lost >= given["least_lost"]:
            place = computed_at(program, pools[-1].place)
            yield rule.finding(
                place, certainty="seen", cost=lost, fixes=fixes, pools=len(pools), lost=lost
            )
        return
    for calls in _calls(program):
        last = calls[-1]
        if concerns(run, last.cell):
            place = program.place(last.cell, last.node)
            given_fixes = fixes if last.inside is None else ()
            what = f"{len(calls)} calls here" if len(calls) > 1 else "The passes of this loop"
            yield rule.finding(place, certainty="likely", fixes=given_fixes, what=what)


def _start_up(computation: Computation) -> float:
    starts = [task.start for task in computation.tasks]
    return max(min(starts) - computation.start, 0.0) if starts else 0.0


def _shared(run: Run, computation: Computation) -> bool:
    """Whether the call was given a pool to use."""
    return any(
        call.facts.get("pool") is True for call in run.calls if call.place == computation.place
    )


def _calls(program: Program) -> Iterator[list[Call]]:
    """Yield the calls of a cell, or of a function, that start processes each for itself.

    A single call stands in a loop.
    """
    pooled = min((call.cell for call, _ in settings(program, "pool")), default=len(program.cells))
    found: dict[tuple[int, Function | None], list[Call]] = {}
    for call in computes(program):
        alone = call.keyword("pool") is None and call.cell < pooled
        if alone and _says_so(program, call) and starts_processes(program, call):
            found.setdefault((call.cell, call.inside), []).append(call)
    for (cell, inside), calls in found.items():
        around = program.cells[cell].tree if inside is None else inside.node
        first, *more = calls
        both = [c for c in more if not either_or(program.cells[cell], first.node, c.node)]
        looped = loop_around(program.cells[cell], first.node) is not None
        if (both or looped) and not tells_time(program, ast.walk(around)):
            yield [first, *both]


def _says_so(program: Program, call: Call) -> bool:
    """Whether the cells choose processes: that bags have them unasked is no mistake yet."""
    named = call.keyword("scheduler") or setting_at(program, call, "scheduler")
    return named is not None

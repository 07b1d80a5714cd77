"""Several computations run the same tasks again, where one would have run them once.

Each ``compute()`` runs the whole graph of what it is called on: reading the files, filtering,
joining. The next ``compute()`` of something made from the same objects does all of that again.
``dask.compute(a, b)`` makes one graph of both and runs what they share once.

*Why it costs*: a mean and a standard deviation of one column read the file twice. In an
exploring notebook the same file is read for every cell.

*When it is fine*: the shared part is cheap (data that is in memory, or made by a formula); it
is persisted; other elements of an array are computed, or its first few rows are looked at; the
second computation needs the result of the first; the data has changed in between; the
computations are timed one against the other.

*What is not measured*: what two computations share, where it was fused with what they do not
share, as it is with arrays and bags: that they share it stays likely.

*References*: https://docs.dask.org/en/stable/best-practices.html#avoid-calling-compute-repeatedly;
https://github.com/dask/community/issues/301
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from dask_lens.metrics.together import elapsed, together
from dask_lens.record.computation import Computation
from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._apart import computed_apart, made_from
from dask_lens.rules._ran import computations_at, is_over
from dask_lens.rules._rooted import root_name
from dask_lens.source.lineage import made_by, shared
from dask_lens.source.program import Program, read
from dask_lens.source.waits import Wait

#: Computations of one source in different cells, most of them shown and no more: two are
#: common while one explores.
LEAST_ACROSS_CELLS = 3

#: Of these, such whose results are kept, printed or written.
LEAST_KEPT = 2

#: Seconds: less is not worth a word.
LEAST_LOST = 0.05

rule = Rule(
    __name__,
    code="DSK304",
    kind="slow",
    needs=("source", "tasks"),
    message=(
        "{n_computes} computations of {what} share tasks and ran one after another: computed "
        "together they could have taken {lost:.1f} s less."
    ),
    forecast=(
        "{n_computes} computations are made from {what}, and each runs again what they share."
    ),
    advice="Compute them together with dask.compute(a, b), or persist what they share.",
    rewrite=("join-computes",),
    thresholds={
        "least_across_cells": LEAST_ACROSS_CELLS,
        "least_kept": LEAST_KEPT,
        "least_lost": LEAST_LOST,
    },
    dont="""
import time
import dask

@dask.delayed
def load(n):
    time.sleep(0.15)
    return list(range(n))

numbers = load(10)
largest = dask.delayed(max)(numbers)
smallest = dask.delayed(min)(numbers)
# %%
high = largest.compute()
low = smallest.compute()  # found here
""",
    do="""
import time
import dask

@dask.delayed
def load(n):
    time.sleep(0.15)
    return list(range(n))

numbers = load(10)
largest = dask.delayed(max)(numbers)
smallest = dask.delayed(min)(numbers)
# %%
high, low = dask.compute(largest, smallest)
""",
)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find groups of compute calls whose objects are made from the same."""
    program = read(run.cells)
    for group, told in computed_apart(program, settings, ran=is_over(run)):
        if run.observed not in (None, told.cell):
            continue
        place = program.place(told.cell, told.node)
        here = [wait for wait in group if wait.cell == told.cell]
        evidence: dict[str, Any] = {"n_computes": len(group), "what": _source(program, group)}
        if not is_over(run) or len(here) == 1:
            alike = len(here) > 1 and not any(map(_is_called, here))
            fixes = (Fix("join-computes"),) if alike else ()
            yield rule.finding(place, certainty="likely", fixes=fixes, **evidence)
            continue
        ran = computations_at(run, program, told.cell, [wait.node for wait in here])
        least = together(ran)
        lost = elapsed(ran) - least if least is not None and _has_shared_tasks(ran) else 0.0
        if _were_fused(run, ran) and min(elapsed([c]) for c in ran) >= settings["least_lost"]:
            # In fused tasks, nobody has timed the part that they share.
            fixes = (Fix("join-computes"),)
            yield rule.finding(place, certainty="likely", fixes=fixes, **evidence)
        elif lost >= settings["least_lost"]:
            fixes = (Fix("join-computes", ran=ran),)
            yield rule.finding(
                place, certainty="seen", cost=lost, fixes=fixes, lost=lost, **evidence
            )


def _is_called(wait: Wait) -> bool:
    """Whether it is a function of the user's that computes."""
    return wait.call is not None and wait.call.callee is not None


def _has_shared_tasks(ran: Sequence[Computation]) -> bool:
    keys = [{task.key for task in c.tasks} for c in ran]
    return any(one & other for n, one in enumerate(keys) for other in keys[:n])


def _were_fused(run: Run, ran: Sequence[Computation]) -> bool:
    """Whether they share layers, but no tasks, as these were fused with others.

    Of a layer, each may have taken a part of its own: that is not told by names.
    """
    if len(ran) <= 1 or _has_shared_tasks(ran):
        return False
    asked = [call for c in ran for call in run.calls if call.place == c.place]
    names = [frozenset(map(str, call.facts.get("layers", ()))) for call in asked]
    return any(
        one & other and not any(name.startswith("getitem-") for name in one ^ other)
        for n, one in enumerate(names)
        for other in names[:n]
    )


def _source(program: Program, group: Sequence[Wait]) -> str:
    """Return what the computations are made from, in the user's words."""
    if None in made_from(group[0]):
        return root_name(group[0])
    common = shared(made_from(group[0]), made_from(group[1]))
    for name, value in program.scope.names.items():
        if any(value is one for one in common):
            return name
    makers = [f"{maker}()" for maker in map(made_by, common) if maker]
    return makers[0] if makers else "the same objects"

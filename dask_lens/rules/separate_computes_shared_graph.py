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

*References*: https://docs.dask.org/en/stable/best-practices.html#avoid-calling-compute-repeatedly;
https://github.com/dask/community/issues/301
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Any

from dask_lens.metrics.together import elapsed, together
from dask_lens.record.computation import Computation
from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._brought import brought, root_name
from dask_lens.rules._dropped import is_dropped
from dask_lens.rules._looped import looped
from dask_lens.rules._ran import computations_at, is_over
from dask_lens.source.branches import either_or
from dask_lens.source.lineage import ancestors, is_read, made_by, shared
from dask_lens.source.loops import loop_of, names_in
from dask_lens.source.parts import is_glance
from dask_lens.source.passes import names_reached
from dask_lens.source.program import Program, read
from dask_lens.source.rewritten import is_rewritten
from dask_lens.source.timing import (
    MOST_MEASURED,
    is_clocked,
    is_timed_cell,
    is_timed_line,
    tells_time,
)
from dask_lens.source.waits import Wait, is_loaded_copy, waits

#: Computations of one source in different cells: two are common while one explores.
LEAST_ACROSS_CELLS = 3

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
    thresholds={"least_across_cells": LEAST_ACROSS_CELLS, "least_lost": LEAST_LOST},
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
    for group, told in _groups(program, settings):
        if run.observed not in (None, told.cell):
            continue
        place = program.place(told.cell, told.node)
        here = [wait for wait in group if wait.cell == told.cell]
        evidence: dict[str, Any] = {"n_computes": len(group), "what": _source(program, group)}
        if not is_over(run) or len(here) == 1:
            fixes = (Fix("join-computes"),) if len(here) > 1 else ()
            yield rule.finding(place, certainty="likely", fixes=fixes, **evidence)
            continue
        ran = computations_at(run, program, told.cell, [wait.node for wait in here])
        least = together(ran)
        lost = elapsed(ran) - least if least is not None and _has_shared_tasks(ran) else 0.0
        if lost >= settings["least_lost"]:
            fixes = (Fix("join-computes", ran=ran),)
            yield rule.finding(
                place, certainty="seen", cost=lost, fixes=fixes, lost=lost, **evidence
            )


def _has_shared_tasks(ran: Sequence[Computation]) -> bool:
    keys = [{task.key for task in c.tasks} for c in ran]
    return any(one & other for n, one in enumerate(keys) for other in keys[:n])


def _groups(program: Program, settings: Settings) -> Iterator[tuple[list[Wait], Wait]]:
    """Yield the calls that go together, and the one to tell of.

    In one cell that are two, in several cells some more.
    """
    left = [wait for wait in waits(program) if _counts(program, wait)]
    while left:
        group = [left.pop(0)]
        for wait in list(left):
            if wait.inside == group[0].inside and _goes_with(program, group, wait):
                group.append(wait)
                left.remove(wait)
        by_cell: dict[tuple[int, int], list[Wait]] = {}
        for wait in group:
            part = program.cells[wait.cell].part(wait.node)
            by_cell.setdefault((wait.cell, part), []).append(wait)
        together_in = [waits_ for waits_ in by_cell.values() if len(waits_) > 1]
        for waits_ in together_in:
            yield waits_, waits_[1]
        over = [wait for wait in group if not _is_looked_at(program, wait)]
        least = settings["least_across_cells"]
        reads = any(is_read(value) for value in ancestors(group[0].values))
        if not together_in and len(over) >= least and reads:
            yield over, over[least - 1]


def _is_looked_at(program: Program, wait: Wait) -> bool:
    """Whether a computation is timed, or shown below its cell, and no more."""
    cell = program.cells[wait.cell]
    statement = next(cell.parents(wait.node), None)
    return is_timed_cell(cell) or (isinstance(statement, ast.Expr) and statement in cell.ends)


def _counts(program: Program, wait: Wait) -> bool:
    if wait.call is None or not (wait.known or root_name(wait)):
        return False
    if wait.how != "compute" and not is_loaded_copy(wait):
        return False
    if any(k.arg in ("scheduler", "get") for k in wait.call.node.keywords) or _is_future(wait):
        return False
    if wait in looped(program) or is_glance(wait):
        return False
    cell = program.cells[wait.cell]
    if is_timed_line(cell, wait.node) or wait in brought(program) or is_dropped(program, wait):
        return False
    block = next((p for p in cell.parents(wait.node) if hasattr(p, "body")), cell.tree)
    return not (
        tells_time(program, ast.walk(block))
        and is_clocked(program, wait.cell, wait.node, MOST_MEASURED)
    )


def _loop(program: Program, wait: Wait) -> ast.AST | None:
    loop = loop_of(program, wait.cell, wait.node, wait.inside)
    return loop.node if loop is not None else None


def _is_future(wait: Wait) -> bool:
    """Whether it has been computing for a while, together with others of the cluster's."""
    if isinstance(wait.node, ast.Await):
        return not isinstance(wait.node.value, ast.Call)
    func = wait.call.node.func if wait.call is not None else None
    result = isinstance(func, ast.Attribute) and func.attr == "result"
    return result and isinstance(func, ast.Attribute) and not isinstance(func.value, ast.Call)


def _goes_with(program: Program, group: Sequence[Wait], wait: Wait) -> bool:
    if any(_depends(program, wait, other) for other in group):
        return False
    if is_rewritten(program, group[-1], wait):
        return False
    if _loop(program, wait) is not _loop(program, group[0]):
        return False
    return all(_share(program, wait, other) for other in group)


def _share(program: Program, wait: Wait, other: Wait) -> bool:
    """Whether both are made from something that is not cheap to make."""
    if wait.known and other.known:
        return bool(shared(wait.values, other.values))
    if wait.known or other.known or wait.cell != other.cell:
        return False
    # Of what they are made from nothing is known, save that it is the same.
    name, lines = root_name(other), sorted((other.node.lineno, wait.node.lineno))
    return name == root_name(wait) and not any(
        isinstance(node, ast.Name)
        and node.id == name
        and isinstance(node.ctx, ast.Store)
        and lines[0] <= node.lineno <= lines[1]
        for node in ast.walk(program.cells[wait.cell].tree)
    )


def _depends(program: Program, wait: Wait, other: Wait) -> bool:
    """Whether one needs the result of the other, or only one of them is reached."""
    if wait.cell != other.cell:
        return False
    cell = program.cells[other.cell]
    straight = _loop(program, wait) is None
    given = names_reached(cell.tree, other.node, wait.node if straight else None)
    if any(names_in(lazy) & given for lazy in wait.lazies):
        return True
    return either_or(cell, other.node, wait.node)


def _source(program: Program, group: Sequence[Wait]) -> str:
    """Return what the computations are made from, in the user's words."""
    if not group[0].known:
        return root_name(group[0])
    common = shared(group[0].values, group[1].values)
    for name, value in program.scope.names.items():
        if any(value is one for one in common):
            return name
    return f"{made_by(common[0])}()" if common else "the same"

"""Computations that were made one by one, and share what each of them runs again."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator, Sequence

from dask_lens.rule import Settings
from dask_lens.rules._brought import brought
from dask_lens.rules._dropped import is_dropped
from dask_lens.rules._looped import looped
from dask_lens.rules._rooted import root_name
from dask_lens.rules._written import written_before
from dask_lens.source.branches import either_or
from dask_lens.source.called import called_waits
from dask_lens.source.calls import POSITION
from dask_lens.source.lineage import ancestors, is_read, made_by, shared
from dask_lens.source.loops import loop_of, names_in
from dask_lens.source.parts import is_glance
from dask_lens.source.passes import names_reached
from dask_lens.source.program import Program
from dask_lens.source.rewritten import is_rewritten
from dask_lens.source.timing import (
    MOST_MEASURED,
    is_clocked,
    is_timed_cell,
    is_timed_line,
    tells_time,
)
from dask_lens.source.values import Value
from dask_lens.source.waits import Wait, waits
from dask_lens.source.words import words

#: What else runs all of the graph, in other cells.
_TAKES = ("values", "array")
_RUNS_ALL = ("write", "lengths", *_TAKES)
#: What takes long, whatever it is done to.
_DEAR = words("map_blocks map_partitions map_overlap apply_ufunc apply_gufunc set_index merge")
_DEAR_TOO = ("fft", "rfft", "svd")


def made_from(wait: Wait) -> tuple[Value | None, ...]:
    """Return what is computed, as far as that is known."""
    if wait.known or wait.call is None:
        return wait.values
    return (wait.call.derived,)


def computed_apart(
    program: Program, settings: Settings, *, ran: bool = False
) -> Iterator[tuple[list[Wait], Wait]]:
    """Yield the calls that go together, and the one to tell of.

    In one cell that are two, and in several cells as many as are set.

    Parameters
    ----------
    program, settings
        The cells, and what is set for the rule.
    ran
        Whether the cells have run: of functions that compute, nobody has timed the calls apart.
    """
    every = [*waits(program), *(() if ran else called_waits(program))]
    left = [wait for wait in sorted(every, key=POSITION) if _counts(program, wait)]
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
            if not _is_compared(program, waits_):
                yield waits_, waits_[1]
        across = _across(program, group, settings) if not together_in else None
        if across is not None:
            yield across
        first = written_before(program, group[0], waits(program))
        if first is not None and across is None and not together_in:
            yield [first, group[0]], group[0]


def _is_compared(program: Program, group: Sequence[Wait]) -> bool:
    """Whether the next cell computes the same objects together: to show what that saves."""
    last = group[-1]
    apart = {ast.unparse(lazy) for wait in group for lazy in wait.lazies}
    return any(
        wait.call is not None
        and wait.call.name == "dask.compute"
        and last.cell < wait.cell <= last.cell + 1
        and apart <= {ast.unparse(lazy) for lazy in wait.lazies}
        for wait in waits(program)
    )


def _across(
    program: Program, group: list[Wait], settings: Settings
) -> tuple[list[Wait], Wait] | None:
    """Return what is computed apart in several cells, and the one of these to tell of."""
    kept = [wait for wait in group if not _is_looked_at(program, wait)]
    if not kept or not _is_dear(group):
        return None
    cells = {wait.cell for wait in group}
    others = [
        wait
        for wait in waits(program)
        if wait.cell not in cells and _runs_all(program, wait) and _share(wait, group[0])
    ]
    used = len(kept) + len(others)
    several = used >= settings["least_kept"] or len(group) >= settings["least_across_cells"]
    if not several or len(group) + len(others) < settings["least_kept"]:
        return None
    all_of_them = sorted([*group, *others], key=POSITION)
    told = next((wait for wait in kept if wait is not all_of_them[0]), None)
    return None if told is None else (all_of_them, told)


def _is_dear(group: Sequence[Wait]) -> bool:
    """Whether what is computed in several cells is read, or what is shared takes much work."""
    if any(map(is_read, ancestors(made_from(group[0])))):
        return True
    both = shared(made_from(group[0]), made_from(group[1])) if len(group) > 1 else []
    return any(made_by(one) in _DEAR or made_by(one).startswith(_DEAR_TOO) for one in both)


def _runs_all(program: Program, wait: Wait) -> bool:
    return (
        wait.how in _RUNS_ALL
        and wait.known
        and wait.inside is None
        and wait not in looped(program)
        and not (wait.how in _TAKES and _is_looked_at(program, wait))
        and not is_timed_cell(program.cells[wait.cell])
    )


def _is_looked_at(program: Program, wait: Wait) -> bool:
    """Whether a computation is timed, or shown below its cell, and no more."""
    cell = program.cells[wait.cell]
    statement = next(cell.parents(wait.node), None)
    if is_timed_cell(cell):
        return True
    in_place = wait.how == "load" and isinstance(wait.lazies[0], ast.Name)
    return isinstance(statement, ast.Expr) and statement in cell.ends and not in_place


def _counts(program: Program, wait: Wait) -> bool:
    if wait.call is None or not (_is_told(wait) or root_name(wait)):
        return False
    if wait.how != "compute" and not _loads(wait):
        return False
    if _is_future(wait):
        return False
    if wait in looped(program) or is_glance(wait):
        return False
    cell = program.cells[wait.cell]
    if is_timed_line(cell, wait.node) or wait in brought(program):
        return False
    if wait.how == "compute" and is_dropped(program, wait):
        return False
    block = next((p for p in cell.parents(wait.node) if hasattr(p, "body")), cell.tree)
    return not (
        _tells_time(program, block) and is_clocked(program, wait.cell, wait.node, MOST_MEASURED)
    )


@functools.lru_cache(maxsize=256)
def _tells_time(program: Program, block: ast.AST) -> bool:
    return tells_time(program, ast.walk(block))


def _loop(program: Program, wait: Wait) -> ast.AST | None:
    loop = loop_of(program, wait.cell, wait.node, wait.inside)
    return loop.node if loop is not None else None


def _is_future(wait: Wait) -> bool:
    """Whether it has been computing for a while, together with others of the cluster's."""
    if isinstance(wait.node, ast.Await):
        return not isinstance(wait.node.value, ast.Call)
    func = wait.call.node.func if wait.call is not None else None
    if not isinstance(func, ast.Attribute) or func.attr != "result":
        return False
    return not isinstance(func.value, ast.Call)


def _goes_with(program: Program, group: Sequence[Wait], wait: Wait) -> bool:
    if any(_depends(program, wait, other) for other in group):
        return False
    if is_rewritten(program, group[-1], wait) or _scheduler(group[0]) != _scheduler(wait):
        return False
    if _loop(program, wait) is not _loop(program, group[0]):
        return False
    return all(_share(wait, other) or _like(program, wait, other) for other in group)


def _loads(wait: Wait) -> bool:
    """Whether ``load()`` fills what was made anew: a variable of a Dataset is filled for all."""
    if wait.how == "load" and not wait.known:
        return True  # what a call gives
    value = wait.values[0] if wait.how == "load" and wait.values else None
    return value is not None and value.call is not None and not is_read(value)


def _scheduler(wait: Wait) -> list[str]:
    """Return what a call says of the scheduler: with another one, two are compared."""
    given = wait.call.node.keywords if wait.call is not None else []
    return [ast.unparse(k.value) for k in given if k.arg in ("scheduler", "get")]


def _is_told(wait: Wait) -> bool:
    return wait.known or (wait.call is not None and wait.call.derived is not None)


def _share(wait: Wait, other: Wait) -> bool:
    """Whether both are made from something that is not cheap to make."""
    told = _is_told(wait) and _is_told(other)
    return told and bool(shared(made_from(wait), made_from(other)))


def _like(program: Program, wait: Wait, other: Wait) -> bool:
    """Whether both are made from the same, of which nothing is known."""
    if _is_told(wait) or _is_told(other) or wait.cell != other.cell:
        return False
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

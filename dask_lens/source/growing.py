"""Loops in which a collection grows by one concatenation per pass."""

from __future__ import annotations

import ast
import functools
from dataclasses import dataclass
from typing import TypeAlias

from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.loops import is_short, loop_around, names_in
from dask_lens.source.program import Program
from dask_lens.source.values import Value
from dask_lens.source.words import words

CONCATENATES = words(
    "dask.dataframe.concat dask.array.concatenate dask.array.vstack dask.array.hstack "
    "dask.array.dstack dask.bag.concat xarray.concat xarray.merge"
)
_Loop: TypeAlias = ast.For | ast.AsyncFor | ast.While


@dataclass(frozen=True)
class Growing:
    """One such loop.

    Parameters
    ----------
    call
        The concatenation.
    loop
        The loop around it.
    statement
        What rebinds the name.
    name
        The name.
    """

    call: Call
    loop: _Loop
    statement: ast.Assign
    name: str


@functools.lru_cache(maxsize=8)
def growing(program: Program) -> tuple[Growing, ...]:
    """Return the loops that add to a collection pass by pass, in the order of the text.

    Parameters
    ----------
    program
        The cells.
    """
    calls = [call for call in program.calls if call.name in CONCATENATES]
    return tuple(found for call in calls if (found := _growing(program, call)) is not None)


def _growing(program: Program, call: Call) -> Growing | None:
    cell = program.cells[call.cell]
    loop, statement = loop_around(cell, call.node), cell.statement(call.node)
    if not isinstance(loop, (ast.For, ast.AsyncFor, ast.While)) or not isinstance(
        statement, ast.Assign
    ):
        return None
    target = statement.targets[0]
    if len(statement.targets) != 1 or not isinstance(target, ast.Name):
        return None
    parts = call.node.args[0] if call.node.args else None
    value = statement.value
    either = (value.body, value.orelse) if isinstance(value, ast.IfExp) else (value,)
    if call.node not in either or not isinstance(parts, (ast.List, ast.Tuple)):
        return None
    own = [part for part in parts.elts if isinstance(part, ast.Name) and part.id == target.id]
    others = [part for part in parts.elts if part not in own]
    if len(own) != 1 or not others or is_short(loop):
        return None
    if _is_begun_anew(loop, statement, target.id) or _is_needed(loop, target.id, own):
        return None
    if call.name.startswith("xarray.") and not _is_lazy(call):
        return None
    return Growing(call, loop, statement, target.id)


def _is_begun_anew(loop: _Loop, statement: ast.Assign, name: str) -> bool:
    """Whether each pass gives the name another value first."""
    for part in loop.body:
        if part is statement:
            continue
        if isinstance(part, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == name for target in part.targets
        ):
            return True
    return False


def _is_needed(loop: _Loop, name: str, own: list[ast.Name]) -> bool:
    """Whether a pass reads what has grown, other than to add to it or to see that it is there."""
    for part in loop.body:
        asked = [n.test for n in ast.walk(part) if isinstance(n, (ast.If, ast.IfExp))]
        fine = {id(n) for test in asked for n in ast.walk(test)} | {id(n) for n in own}
        for node in ast.walk(part):
            if not isinstance(node, ast.Name) or node.id != name or id(node) in fine:
                continue
            if isinstance(node.ctx, ast.Load):
                return True
    # A part that is made from what has grown, by way of another name, is seen above.
    return name in names_in(loop.test if isinstance(loop, ast.While) else loop.iter)


def _is_lazy(call: Call) -> bool:
    """Whether one of the parts holds Dask arrays, as far as the text tells."""
    waiting: list[Value | None] = list(call.arguments[:1])
    while waiting:
        value = waiting.pop()
        if value is not None and value.kind == "items":
            waiting += value.parts or (value.item,)
        elif value is not None and value.is_instance(*api.COLLECTIONS):
            return True
    return False

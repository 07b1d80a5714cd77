"""Cut an array once, before the loop that cuts it again in every pass."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.source.anew import anew_at
from dask_lens.source.program import read

rewrite = Rewrite(__name__, title="Cut it once, before the loop")


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Move the statement at ``place`` before its loop."""
    program = read(cells)
    found = anew_at(program, place, "cut")
    if found is None:
        return "nothing is cut again in every pass on this line"
    cell = program.cells[place.cell]
    statement = cell.statement(found.call.node)
    target = statement.targets[0] if isinstance(statement, ast.Assign) else None
    if not isinstance(statement, ast.Assign) or not isinstance(target, ast.Name):
        return "the result has no name of its own: give it one before the loop"
    if statement.value is not found.call.node or len(statement.targets) > 1:
        return "more is done with it in the same statement"
    body = list(found.loop.body)
    if statement not in body:
        return "whether it is cut depends on a condition"
    stored = [n for n in found.loop.parts() if isinstance(n, ast.Name) and n.id == target.id]
    if sum(isinstance(n.ctx, ast.Store) for n in stored) > 1:
        return f"{target.id} is given another value in the loop"
    earlier = {id(part) for one in body[: body.index(statement)] for part in ast.walk(one)}
    if any(id(n) in earlier for n in stored):
        return f"{target.id} is used in the loop before it is cut"
    if len(body) == 1:
        return "nothing else is done in the loop"
    codemod = Codemod(cells[place.cell].source)
    loop = codemod.statement(program.place(place.cell, found.loop.node))
    line = codemod.statement(program.place(place.cell, statement))
    if loop is None or line is None:
        return "the statement could not be found in the text"
    codemod.change(line, lambda _: cst.RemoveFromParent())
    kept = list(loop.leading_lines)
    codemod.change(
        loop,
        lambda node: cst.FlattenSentinel(
            [line.with_changes(leading_lines=kept), node.with_changes(leading_lines=[])]
        ),
    )
    return outcome({place.cell: codemod}, "ask")

"""Leave out a statement that computes for nothing."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.metrics import change
from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.source.program import read
from dask_lens.source.waits import waits

rewrite = Rewrite(__name__, title="Leave the line out", effect=change.Change(dropped=True))


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Remove the statement at ``place``."""
    program = read(cells)
    cell = program.cells[place.cell]
    found = [
        w.node for w in waits(program) if w.cell == place.cell and w.node.lineno == place.line
    ]
    statement = next((s for n in found if (s := cell.statement(n)) is not None), None)
    if not isinstance(statement, ast.Expr):
        return "no statement that only computes begins on this line"
    parent = next(cell.parents(statement))
    block = next(
        b for b in (getattr(parent, "body", []), getattr(parent, "orelse", [])) if statement in b
    )
    codemod = Codemod(cells[place.cell].source)
    line = codemod.statement(program.place(place.cell, statement))
    if not isinstance(line, cst.SimpleStatementLine) or len(line.body) != 1 or len(block) == 1:
        return "the line holds more than this statement"
    number = block.index(statement)
    following = block[number + 1] if number + 1 < len(block) else None
    after = codemod.statement(program.place(place.cell, following)) if following else None
    codemod.drop(line, after)
    return outcome({place.cell: codemod}, "ask")

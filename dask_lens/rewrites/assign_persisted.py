"""Keep what ``persist`` returns, by the name of what it was called on."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any, cast

import libcst as cst

from dask_lens.metrics import change
from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.source.program import read

rewrite = Rewrite(__name__, title="Keep what persist returns", effect=change.Change(once=True))


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Turn the statement at ``place`` into an assignment."""
    program = read(cells)
    found = [
        call
        for call in program.calls
        if call.cell == place.cell
        and call.node.lineno == place.line
        and ast.unparse(call.node.func).rpartition(".")[2] == "persist"
    ]
    statement = next((program.cells[c.cell].statement(c.node) for c in found), None)
    if not isinstance(statement, (ast.Expr, ast.Assign)) or not _is_dropped(statement):
        return "what persist returns is kept already"
    if statement.value is not found[0].node:
        return "what persist returns is kept already"
    call = found[0]
    kept = call.node.args or [getattr(call.node.func, "value", call.node.func)]
    if not all(_is_name(node) for node in kept):
        return "what is persisted has no name that could be given the result"
    codemod = Codemod(cells[place.cell].source)
    kind = cst.Expr if isinstance(statement, ast.Expr) else cst.Assign
    expression = codemod.at(kind, program.place(place.cell, statement))
    if expression is None:
        return "the statement could not be found in the text"
    names = ", ".join(ast.unparse(node) for node in kept)
    if call.name == "dask.persist" and len(kept) == 1:
        names = f"({names},)"
    target = cast("cst.BaseAssignTargetExpression", cst.parse_expression(names))
    codemod.change(expression, lambda node: cst.Assign([cst.AssignTarget(target)], node.value))
    return outcome({place.cell: codemod}, "same")


def _is_dropped(statement: ast.Expr | ast.Assign) -> bool:
    """Whether a statement does nothing with a value, or gives it the name of what is of no use."""
    if isinstance(statement, ast.Expr):
        return True
    return [ast.unparse(target) for target in statement.targets] == ["_"]


def _is_name(node: ast.expr) -> bool:
    if isinstance(node, ast.Attribute):
        return isinstance(node.value, ast.Name)
    return isinstance(node, ast.Name)

"""Copy an argument in the first line of a task that changes it."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._codemod import Codemod, outcome, preceded
from dask_lens.source.program import read

rewrite = Rewrite(__name__, title="Work on a copy of the argument")


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, arguments: Mapping[str, Any]) -> Change | str:
    """Put ``name = name.copy()`` before the first statement of the function at ``place``."""
    name = arguments.get("argument")
    program = read(cells)
    around = [
        function.node
        for function in program.functions
        if function.cell == place.cell
        and function.node.lineno <= place.line <= (function.node.end_lineno or 0)
    ]
    node = max(around, key=lambda function: function.lineno, default=None)
    if node is None or not isinstance(name, str):
        return "no function on this line changes what it is given"
    if isinstance(node, ast.Lambda):
        return "it is a lambda: give it a name and a body first"
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    if not body:
        return "the function has no statement but its docstring"
    first = body[0]
    if isinstance(first, ast.Assign) and ast.unparse(first) == f"{name} = {name}.copy()":
        return "the code already has this form"
    codemod = Codemod(cells[place.cell].source)
    statement = codemod.statement(program.place(place.cell, first))
    if statement is None or first.lineno == node.lineno:
        return "the function stands on one line: give it a body of its own first"

    def copied(updated: Any) -> cst.FlattenSentinel[cst.CSTNode]:
        return preceded(updated, [f"{name} = {name}.copy()"])

    codemod.change(statement, copied)
    return outcome({place.cell: codemod}, "ask")

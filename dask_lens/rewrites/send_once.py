"""Scatter an object once, before the loop whose tasks need it."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._codemod import Codemod, outcome, preceded
from dask_lens.source.calls import Call
from dask_lens.source.loops import loop_around
from dask_lens.source.program import Program, read

rewrite = Rewrite(__name__, title="Send it once")


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, arguments: Mapping[str, Any]) -> Change | str:
    """Put ``x_future = client.scatter(x)`` before the loop, and pass that."""
    name = str(arguments.get("name"))
    program = read(cells)
    for call in program.by_name.get("distributed.Client.submit", ()):
        node = next((n for n in _given(call) if isinstance(n, ast.Name) and n.id == name), None)
        if call.cell == place.cell and call.node.lineno == place.line and node is not None:
            return _sent(cells, program, call, node)
    return f"no submit on this line is given {name} itself"


def _given(call: Call) -> list[ast.expr]:
    return [*call.node.args[1:], *(keyword.value for keyword in call.node.keywords)]


def _sent(cells: tuple[Cell, ...], program: Program, call: Call, node: ast.Name) -> Change | str:
    cell = program.cells[call.cell]
    client = call.node.func.value if isinstance(call.node.func, ast.Attribute) else None
    new = f"{node.id}_future"
    if not isinstance(client, ast.Name):
        return "the client has no name by which to call its scatter"
    if new in program.names:
        return f"the name {new} is taken"
    loop: ast.AST | None = loop_around(cell, call.node)
    outer = loop
    while loop is not None:
        outer, loop = loop, loop_around(cell, loop)
    statement = cell.statement(outer) if outer is not None else None
    if statement is None:
        return "the call is not in a loop any more"
    if any(
        isinstance(part, ast.Name)
        and part.id in (node.id, client.id)
        and part.ctx != node.ctx
        and isinstance(part.ctx, ast.Store)
        for part in ast.walk(statement)
    ):
        return f"{node.id} or the client is set in the loop"
    codemod = Codemod(cells[call.cell].source)
    line = codemod.statement(program.place(call.cell, statement))
    found = codemod.at(cst.Name, program.place(call.cell, node))
    if line is None or found is None:
        return "the loop could not be found in the text"
    codemod.change(found, lambda updated: updated.with_changes(value=new))
    scatter = f"{new} = {client.id}.scatter({node.id})"
    codemod.change(line, lambda updated: preceded(updated, [scatter]))
    return outcome({call.cell: codemod}, "ask")

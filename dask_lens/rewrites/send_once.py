"""Scatter an object once, or wrap it in ``delayed`` once, before the tasks that need it."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._awaiting import NOT_KNOWN, awaiting
from dask_lens.rewrites._codemod import Codemod, outcome, preceded
from dask_lens.rewrites._dask_name import delayed_function
from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.loops import loop_around
from dask_lens.source.program import Program, read

rewrite = Rewrite(__name__, title="Send it once")

_SUBMIT, _MAP = "distributed.Client.submit", "distributed.Client.map"


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, arguments: Mapping[str, Any]) -> Change | str:
    """Put ``x_future = client.scatter(x)`` before the loop or the map, and pass that."""
    name = str(arguments.get("name"))
    program = read(cells)
    for call in program.calls:
        node = next((n for n in _given(call) if isinstance(n, ast.Name) and n.id == name), None)
        if call.cell == place.cell and call.node.lineno == place.line and node is not None:
            return _sent(cells, program, call, node)
    return f"no task on this line is given {name} itself: let a task load it where it is needed"


def _given(call: Call) -> list[ast.AST]:
    if call.name == _MAP:
        given = [*call.node.args[1:], *(keyword.value for keyword in call.node.keywords)]
        return [part for argument in given for part in ast.walk(argument)]
    keywords = [keyword.value for keyword in call.node.keywords]
    if call.name == _SUBMIT:
        return [*call.node.args[1:], *keywords]
    made = call.result
    lazy = made is not None and made.is_instance(api.DELAYED_OBJECT) and made.call is call.node
    return [*call.node.args, *keywords] if lazy and not call.name else []


def _sent(cells: tuple[Cell, ...], program: Program, call: Call, node: ast.Name) -> Change | str:
    cell = program.cells[call.cell]
    awaited = awaiting(program, call)
    if call.name in (_SUBMIT, _MAP) and awaited is None:
        return NOT_KNOWN
    once = _once(program, call, node, awaited or "")
    if once is None:
        return "neither the client nor delayed has a name here by which to send it"
    new, sending, used = once
    if new in program.names:
        return f"the name {new} is taken"
    loop: ast.AST | None = loop_around(cell, call.node)
    outer = loop if call.name != _MAP else call.node
    while loop is not None:
        outer, loop = loop, loop_around(cell, loop)
    statement = cell.statement(outer) if outer is not None else None
    if statement is None:
        return "it is passed once, not in a loop: let the task load it"
    if any(
        isinstance(part, ast.Name)
        and part.id in (node.id, used)
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
    codemod.change(line, lambda updated: preceded(updated, [f"{new} = {sending}"]))
    return outcome({call.cell: codemod}, "ask")


def _once(
    program: Program, call: Call, node: ast.Name, awaited: str
) -> tuple[str, str, str] | None:
    """Return a name for what is sent once, how it is sent, and the name that this needs."""
    if call.name in (_SUBMIT, _MAP):
        client = call.node.func.value if isinstance(call.node.func, ast.Attribute) else None
        name = ast.unparse(client) if client is not None else ""
        if not name.replace(".", "").isidentifier():
            return None
        sending = f"{awaited}{name}.scatter({node.id})"
        return f"{node.id}_future", sending, name.partition(".")[0]
    function = delayed_function(program)
    if function is None:
        return None
    return f"{node.id}_delayed", f"{function}({node.id})", function.partition(".")[0]

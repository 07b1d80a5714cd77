"""Read an attribute of a result in a task, where the data is."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.program import Program, read
from dask_lens.source.values import contained

rewrite = Rewrite(__name__, title="Ask on the worker")


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Submit a function that reads the attribute, and fetch what it returns."""
    program = read(cells)
    for call in program.by_name.get("distributed.Future.result", ()):
        if call.cell != place.cell or call.node.lineno != place.line:
            continue
        parent = next(program.cells[call.cell].parents(call.node), None)
        if not isinstance(parent, ast.Attribute):
            continue
        client = _client(program, call)
        if client is None:
            return "the client that made the future has no name here"
        if call.node.args or call.node.keywords:
            return "result is given a limit of time"
        codemod = Codemod(cells[place.cell].source)
        found = codemod.at(cst.Attribute, program.place(call.cell, parent))
        if found is None:
            return "the attribute could not be found in the text"
        codemod.change(found, _asking(client, parent.attr))
        return outcome({place.cell: codemod}, "ask")
    return "no attribute of a result is read on this line"


def _asking(client: str, attribute: str) -> Any:
    def changed(node: cst.Attribute) -> cst.BaseExpression:
        result = cst.ensure_type(node.value, cst.Call)
        future = cst.ensure_type(result.func, cst.Attribute).value
        submit = cst.Call(
            cst.parse_expression(f"{client}.submit"),
            [cst.Arg(cst.parse_expression(f"lambda value: value.{attribute}")), cst.Arg(future)],
        )
        return cst.Call(cst.Attribute(submit, cst.Name("result")))

    return changed


def _client(program: Program, call: Call) -> str | None:
    future = contained(call.receiver, api.FUTURE)
    func = future.call.func if future is not None and future.call is not None else None
    client = func.value if isinstance(func, ast.Attribute) else None
    if not isinstance(client, ast.Name):
        return None
    value = program.scope.names.get(client.id)
    return client.id if value is not None and value.is_instance(api.CLIENT) else None

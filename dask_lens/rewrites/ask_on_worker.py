"""Read an attribute of a result in a task, where the data is."""

from __future__ import annotations

import ast
import functools
from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.fetches import fetched, fetches
from dask_lens.source.loops import loop_around
from dask_lens.source.program import Program, read
from dask_lens.source.values import contained

rewrite = Rewrite(__name__, title="Ask on the worker")


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Submit a function that reads the attribute, and fetch what it returns."""
    program = read(cells)
    for call in fetches(program):
        if call.cell != place.cell or call.node.lineno != place.line:
            continue
        parent = next(program.cells[call.cell].parents(call.node), None)
        what = _what(program, parent)
        if parent is None or what is None:
            continue
        client = _client(program, call)
        if client is None:
            return "the client that made the future has no name here"
        if loop_around(program.cells[call.cell], call.node) is not None:
            return "each pass of the loop would wait for a task of its own"
        future, _value = fetched(call)
        if future is None or {*ast.iter_child_nodes(call.node)} - {call.node.func, future}:
            return "it is given more than the future: a limit of time, say"
        codemod = Codemod(cells[place.cell].source)
        found = codemod.expression(program.place(call.cell, parent))
        source = codemod.expression(program.place(call.cell, future))
        if found is None or source is None:
            return "what is asked could not be found in the text"
        asking = _asking(client, what, source)
        codemod.change(found, functools.partial(_instead, asking))
        return outcome({place.cell: codemod}, "ask")
    return "no attribute of a result is read on this line"


def _instead(asking: cst.Call, _: cst.BaseExpression) -> cst.Call:
    return asking


def _what(program: Program, node: ast.AST | None) -> str | None:
    """Return the function that tells what is asked of a result."""
    if isinstance(node, ast.Attribute):
        return f"lambda value: value.{node.attr}"
    made = program.by_node.get(node) if isinstance(node, ast.Call) else None
    return "len" if made is not None and made.name == "builtins.len" else None


def _asking(client: str, what: str, future: cst.BaseExpression) -> cst.Call:
    arguments = [cst.Arg(cst.parse_expression(what)), cst.Arg(future)]
    submit = cst.Call(cst.parse_expression(f"{client}.submit"), arguments)
    return cst.Call(cst.Attribute(submit, cst.Name("result")))


def _client(program: Program, call: Call) -> str | None:
    future = contained(fetched(call)[1], api.FUTURE)
    func = future.call.func if future is not None and future.call is not None else None
    client = func.value if isinstance(func, ast.Attribute) else None
    if not isinstance(client, ast.Name):
        return None
    value = program.scope.names.get(client.id)
    return client.id if value is not None and value.is_instance(api.CLIENT) else None

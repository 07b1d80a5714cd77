"""Make a parameter of what a function reads, and pass a future of it."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._arguments import is_bare_generator, with_keyword
from dask_lens.rewrites._awaiting import NOT_KNOWN, awaiting
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.source.calls import Call
from dask_lens.source.definitions import uses
from dask_lens.source.free import free_names
from dask_lens.source.loops import loop_around
from dask_lens.source.program import Program, read
from dask_lens.source.values import Function

rewrite = Rewrite(__name__, title="Pass it as an argument")

_SENDS = ("distributed.Client.submit", "distributed.Client.map")


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, arguments: Mapping[str, Any]) -> Change | str:
    """Add a parameter called ``name`` to the function, and the keyword to the call."""
    name = str(arguments.get("name"))
    program = read(cells)
    for kind in _SENDS:
        for call in program.by_name.get(kind, ()):
            if call.cell == place.cell and call.node.lineno == place.line and call.arguments:
                first = call.arguments[0]
                function = first.function if first is not None else None
                if function is None or first is None or first.kind != "function":
                    return "it is not a function of the notebook"
                reason = _refuse(program, call, function, name)
                return reason or _passed(cells, program, call, function, name)
    return "no submit or map stands on this line"


def _refuse(program: Program, call: Call, function: Function, name: str) -> str | None:
    given = function.node.args
    if name not in free_names(function.node) or name not in program.scope.names:
        return f"{name or 'the object'} is not a variable of the notebook that the function reads"
    if given.defaults or given.vararg or given.kwonlyargs or given.kwarg:
        return "the function has parameters after which no other can stand"
    client = ast.unparse(call.node.func).rpartition(".")[0]
    if not client.replace(".", "").isidentifier():
        return "the client has no name by which to call its scatter"
    if loop_around(program.cells[call.cell], call.node) is not None:
        return "the call stands in a loop: scatter before it, by hand"
    first = call.node.args[0]
    if isinstance(first, ast.Lambda):
        return None
    if not isinstance(first, ast.Name) or first.id != function.name:
        return "the function has another name here"
    if [node for _, node in uses(program, function.name)] != [first]:
        return "the function is used elsewhere too"
    return None


def _passed(
    cells: tuple[Cell, ...], program: Program, call: Call, function: Function, name: str
) -> Change | str:
    changed = {call.cell: Codemod(cells[call.cell].source)}
    other = changed.setdefault(function.cell, Codemod(cells[function.cell].source))
    node = changed[call.cell].at(cst.Call, program.place(call.cell, call.node))
    taker: cst.Lambda | cst.FunctionDef | None
    if isinstance(function.node, ast.Lambda):
        taker = other.at(cst.Lambda, program.place(function.cell, function.node))
    else:
        found = [d for d in other.nodes(cst.FunctionDef) if d.name.value == function.name]
        taker = found[0] if len(found) == 1 else None
    if node is None or taker is None or is_bare_generator(node):
        return "the function could not be found in the text"
    client = ast.unparse(call.node.func).rpartition(".")[0]
    awaited = awaiting(program, call)
    if awaited is None:
        return NOT_KNOWN
    other.change(taker, lambda updated: _with_parameter(updated, name))
    sent = f"{awaited}{client}.scatter({name})"
    changed[call.cell].change(node, lambda updated: with_keyword(updated, name, sent))
    return outcome(changed, "ask")


def _with_parameter(node: Any, name: str) -> Any:
    before = list(node.params.params)
    added = cst.Param(cst.Name(name))
    if before:
        comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
        before[-1] = before[-1].with_changes(comma=comma)
    changed = node.with_changes(params=node.params.with_changes(params=[*before, added]))
    if not before and isinstance(node, cst.Lambda):
        changed = changed.with_changes(whitespace_after_lambda=cst.SimpleWhitespace(" "))
    return changed

"""Pass a future that a lambda brings along as an argument of its own."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._arguments import with_keyword
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.source.calls import Call
from dask_lens.source.free import free_names
from dask_lens.source.program import read

rewrite = Rewrite(__name__, title="Pass the future as an argument")

_SENDS = ("distributed.Client.submit", "distributed.Client.map")


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, arguments: Mapping[str, Any]) -> Change | str:
    """Give the lambda a parameter for the future, and the call the future for it."""
    name = str(arguments.get("name"))
    program = read(cells)
    calls = [call for sends in _SENDS for call in program.by_name.get(sends, ())]
    at = [c for c in calls if c.cell == place.cell and c.node.lineno == place.line]
    call = next((c for c in at if c.node.args), None)
    function = call.node.args[0] if call is not None else None
    if call is None or not isinstance(function, ast.Lambda) or name not in free_names(function):
        return "only a lambda can be given another parameter here: pass the future by hand"
    reason = _refuse(call, function, name)
    if reason is not None:
        return reason
    codemod = Codemod(cells[place.cell].source)
    results = [node for node in ast.walk(function.body) if _is_result(node, name)]
    for node in results:
        found = codemod.at(cst.Call, program.place(place.cell, node))
        if found is not None:
            codemod.change(found, lambda _: cst.Name(name))
    written = codemod.at(cst.Lambda, program.place(place.cell, function))
    sent = codemod.at(cst.Call, program.place(place.cell, call.node))
    if written is None or sent is None:
        return "the call could not be found in the text"
    codemod.change(written, lambda updated: _with_parameter(updated, name))
    codemod.change(sent, lambda updated: with_keyword(updated, name, name))
    return outcome({place.cell: codemod}, "ask")


def _refuse(call: Call, function: ast.Lambda, name: str) -> str | None:
    names = [n for n in ast.walk(function.body) if isinstance(n, ast.Name) and n.id == name]
    results = [n for n in ast.walk(function.body) if _is_result(n, name)]
    if len(names) != len(results):
        return f"{name} is used for more than its result"
    if function.args.vararg or function.args.kwarg or call.has_unpacked_keywords:
        return "the lambda, or the call, takes any number of arguments"
    if call.keyword(name) is not None:
        return f"the call has a keyword {name} already"
    return None


def _is_result(node: ast.AST, name: str) -> bool:
    """Whether a node is ``name.result()``."""
    return (
        isinstance(node, ast.Call)
        and not node.args
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "result"
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == name
    )


def _with_parameter(node: cst.Lambda, name: str) -> cst.Lambda:
    before = list(node.params.params)
    if before:
        comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
        before[-1] = before[-1].with_changes(comma=comma)
    parameters = node.params.with_changes(params=[*before, cst.Param(cst.Name(name))])
    return node.with_changes(params=parameters, whitespace_after_lambda=cst.SimpleWhitespace(" "))

"""Give a lazy call an argument of its own: a copy, or a default of its lambda."""

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
from dask_lens.source.free import free_names
from dask_lens.source.mutations import changed_names
from dask_lens.source.program import Program, read

rewrite = Rewrite(__name__, title="Give each call its own copy")


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, arguments: Mapping[str, Any]) -> Change | str:
    """Copy the argument that is called ``name``, or make it a default of the lambda."""
    name = str(arguments.get("name"))
    program = read(cells)
    for call in program.calls:
        if call.cell != place.cell or call.node.lineno != place.line:
            continue
        for node in (*call.node.args, *(keyword.value for keyword in call.node.keywords)):
            if isinstance(node, ast.Name) and node.id == name and _is_lazy(call):
                return _copied(cells, program, call, node)
            if isinstance(node, ast.Lambda) and name in free_names(node):
                return _bound(cells, program, call, node, name)
    return f"no call on this line is given {name} itself: make it a parameter of the function"


def _is_lazy(call: Call) -> bool:
    return call.result is not None and call.result.is_instance(api.DELAYED_OBJECT)


def _copied(cells: tuple[Cell, ...], program: Program, call: Call, node: ast.Name) -> Change | str:
    stored = [
        changed
        for name, changed in changed_names(program.cells[call.cell].tree)
        if name == node.id and isinstance(changed, ast.Attribute)
    ]
    if stored:
        return f"it is not known how {node.id} is copied: its attributes are changed"
    codemod = Codemod(cells[call.cell].source)
    found = codemod.at(cst.Name, program.place(call.cell, node))
    if found is None:
        return "the argument could not be found in the text"
    codemod.change(found, lambda _: cst.parse_expression(f"{node.id}.copy()"))
    return outcome({call.cell: codemod}, "ask")


def _bound(
    cells: tuple[Cell, ...], program: Program, call: Call, node: ast.Lambda, name: str
) -> Change | str:
    if node.args.vararg or node.args.kwonlyargs or node.args.kwarg:
        return "the lambda takes any number of arguments"
    codemod = Codemod(cells[call.cell].source)
    found = codemod.at(cst.Lambda, program.place(call.cell, node))
    if found is None:
        return "the lambda could not be found in the text"
    codemod.change(found, lambda updated: _with_default(updated, name))
    return outcome({call.cell: codemod}, "ask", "Give the function its own value")


def _with_default(node: cst.Lambda, name: str) -> cst.Lambda:
    plain = cst.SimpleWhitespace("")
    equal = cst.AssignEqual(whitespace_before=plain, whitespace_after=plain)
    added = cst.Param(cst.Name(name), default=cst.Name(name), equal=equal)
    before = list(node.params.params)
    if before:
        comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
        before[-1] = before[-1].with_changes(comma=comma)
    parameters = node.params.with_changes(params=[*before, added])
    changed = node.with_changes(params=parameters)
    if not before:
        changed = changed.with_changes(whitespace_after_lambda=cst.SimpleWhitespace(" "))
    return changed

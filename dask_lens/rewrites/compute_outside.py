"""Make a lazy function that builds lazy calls a plain one, and compute what it returns."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.rewrites._dask_name import compute_function
from dask_lens.rewrites._delayed_uses import decorator_of, drop_decorator, loads
from dask_lens.source.calls import Call
from dask_lens.source.program import Program, read
from dask_lens.source.tasks import task_functions
from dask_lens.source.values import Function

rewrite = Rewrite(__name__, title="Build the graph in a plain function")


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Drop the decorator, and compute the lists that the function returns."""
    program = read(cells)
    function = _function(program, place)
    if function is None:
        return "no lazy function on this line makes lazy calls"
    decorator = decorator_of(program, function)
    if decorator is None and function not in task_functions(program):
        return "these lazy calls stand in a function that the lazy one calls"
    if decorator is None:
        return "the function is made lazy where it is called: call it as it is there"
    uses = [call for call in program.calls if call.callee == function]
    if len(uses) != len(loads(program, function.name)):
        return f"{function.name} is used in other ways than being called"
    codemods = {function.cell: Codemod(cells[function.cell].source)}
    for use in uses:
        codemod = codemods.setdefault(use.cell, Codemod(cells[use.cell].source))
        if use.inside != function:
            reason = _compute(program, codemod, function, use)
            if reason is not None:
                return reason
    if not drop_decorator(program, codemods[function.cell], function, decorator):
        return "the decorator could not be found in the text"
    return outcome(codemods, "ask")


def _function(program: Program, place: Place) -> Function | None:
    around = [
        function
        for function in program.functions
        if function.cell == place.cell
        and function.node.lineno <= place.line <= (function.node.end_lineno or 0)
        and not isinstance(function.node, ast.Lambda)
    ]
    return max(around, key=lambda function: function.node.lineno, default=None)


def _compute(program: Program, codemod: Codemod, function: Function, use: Call) -> str | None:
    """Turn ``f(x).compute()`` into ``dask.compute(*f(x))`` where the function gives a list."""
    parents = program.cells[use.cell].parents(use.node)
    attribute, outer = next(parents, None), next(parents, None)
    body = program.body(function)
    result = body.result if body is not None else None
    if result is None or result.kind != "items":
        return None  # one lazy call, which has a compute of its own
    computed = isinstance(attribute, ast.Attribute) and attribute.attr == "compute"
    if not computed or not isinstance(outer, ast.Call) or outer.args:
        return f"what {function.name} gives is not computed where it is called"
    name = compute_function(program, codemod)
    if name is None:
        return "the name dask means something else in this notebook"
    node = codemod.at(cst.Call, program.place(use.cell, outer))
    if node is None:
        return "the call could not be found in the text"

    def together(updated: cst.Call) -> cst.Call:
        inner = cst.ensure_type(updated.func, cst.Attribute).value
        first = cst.Arg(inner, star="*")
        if updated.args:
            comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
            first = first.with_changes(comma=comma)
        return updated.with_changes(func=cst.parse_expression(name), args=[first, *updated.args])

    codemod.change(node, together)
    return None

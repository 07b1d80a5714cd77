"""Make a task that only computes a collection a plain function that gives it lazily."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.rewrites._delayed_uses import decorator_of, drop_decorator
from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.computes import is_compute
from dask_lens.source.program import Program, read
from dask_lens.source.values import Function
from dask_lens.source.words import words

rewrite = Rewrite(__name__, title="Build it lazily here")

#: Functions that turn a computed number into a plain one, which a lazy one needs not.
_CONVERTS = words("int float bool")


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Drop the decorator and the compute in ``return collection.compute()``."""
    program = read(cells)
    found = _computing(program, place)
    if found is None:
        return "no task on this line computes a collection"
    function, call = found
    decorator = decorator_of(program, function)
    if decorator is None:
        return "the function is made a task where it is called"
    if call.receiver is None:
        return "dask.compute() gives a tuple: return the lazy objects, by hand"
    node = _returned(function, call)
    if node is None:
        return "the task does more with what it has computed"
    if len([c for c in program.calls if is_compute(c) and c.inside == function]) != 1:
        return "the task computes more than once"
    codemod = Codemod(cells[function.cell].source)
    outer = codemod.at(cst.Call, program.place(function.cell, node))
    inner = codemod.at(cst.Call, program.place(function.cell, call.node))
    if outer is None or inner is None:
        return "the compute could not be found in the text"
    codemod.change(inner, lambda updated: updated.func.value)
    if outer is not inner:
        codemod.change(outer, lambda updated: updated.args[0].value)
    if not drop_decorator(program, codemod, function, decorator):
        return "the decorator could not be found in the text"
    return outcome({function.cell: codemod}, "ask")


def _returned(function: Function, call: Call) -> ast.expr | None:
    """Return what the last statement gives back, if that is what was computed and no more."""
    body = getattr(function.node, "body", None)
    last = body[-1] if isinstance(body, list) else None
    node = last.value if isinstance(last, ast.Return) else None
    if isinstance(node, ast.Call) and node is not call.node:
        plain = isinstance(node.func, ast.Name) and node.func.id in _CONVERTS
        return node if plain and node.args == [call.node] else None
    return node if node is call.node else None


def _computing(program: Program, place: Place) -> tuple[Function, Call] | None:
    """Return the function and its call that computes a collection on a line."""
    for call in program.calls:
        at = call.cell == place.cell and call.node.lineno == place.line
        made = call.receiver
        lazy = made.is_instance(*api.COLLECTIONS) if made is not None else True
        if at and lazy and is_compute(call) and call.inside is not None:
            return call.inside, call
    return None

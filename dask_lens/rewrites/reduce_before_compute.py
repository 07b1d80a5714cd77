"""Reduce a collection and compute what is left, instead of computing it and reducing that."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._after_loop import is_asked_itself, wait_at
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.source import api
from dask_lens.source.program import read
from dask_lens.source.waits import Wait
from dask_lens.source.words import words

rewrite = Rewrite(__name__, title="Reduce, then compute")

#: Reductions that mean the same of a collection.
_SAME = words("all any count max mean min nunique prod std sum var")
#: Methods that a collection has too, with a result that may be in another order or form.
_ALIKE = words("describe idxmax idxmin nlargest nsmallest value_counts argmax argmin")
#: Methods of collections that compute by themselves; they look at the first partition.
_LOOKS = words("head tail")


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Put the ``compute()`` at ``place`` behind the reduction that follows it."""
    program = read(cells)
    wait = wait_at(program, place, "compute", "values")
    if wait is None or (wait.call is not None and wait.call.node.args):
        return "no compute() on this line comes before a reduction"
    if wait.how == "values":
        return "xarray leaves missing values out where NumPy does not: reduce first, by hand"
    if not is_asked_itself(wait):
        return "a client computes it: reduce what the client is given, by hand"
    outer, *around = program.cells[place.cell].parents(wait.node)
    if isinstance(outer, ast.For):
        return "a loop counts: let a method of the collection do it, by hand"
    if not isinstance(outer, (ast.Attribute, ast.Call, ast.Subscript)):
        return "the computed object has a name: reduce where it is made, by hand"
    safety, node = _reduction(wait, outer, around[0])
    if safety is None:
        return "the collection has no method that means quite the same"
    codemod = Codemod(cells[place.cell].source)
    inner = codemod.at(cst.Call, program.place(place.cell, wait.node))
    whole = codemod.at(cst.Call, program.place(place.cell, node)) or codemod.at(
        cst.Subscript, program.place(place.cell, node)
    )
    if inner is None or whole is None:
        return "the call could not be found in the text"
    codemod.change(inner, lambda call: call.func.value)
    if not (isinstance(outer, ast.Attribute) and outer.attr in _LOOKS):
        codemod.change(whole, lambda reduced: _computed(reduced, inner))
    return outcome({place.cell: codemod}, safety)


def _reduction(wait: Wait, outer: ast.expr, around: ast.AST) -> tuple[str | None, ast.expr]:
    """Return how safe it is to reduce first, and the expression that reduces."""
    if isinstance(outer, ast.Attribute) and isinstance(around, ast.Call):
        return _safety(wait, outer.attr, around), around
    array = wait.values[0] is not None and wait.values[0].is_instance(api.ARRAY)
    return ("same" if array and isinstance(outer, ast.Subscript) else None), outer


def _safety(wait: Wait, method: str, reduction: ast.Call) -> str | None:
    if method in _SAME:
        plain = not reduction.args and not reduction.keywords
        return "same" if wait.known and plain else "ask"
    return "ask" if method in _ALIKE or method in _LOOKS else None


def _computed(reduced: cst.BaseExpression, compute: cst.Call) -> cst.Call:
    """Return the reduction with the call of compute, arguments and all, behind it."""
    function = cst.ensure_type(compute.func, cst.Attribute)
    return compute.with_changes(func=function.with_changes(value=reduced))

"""Wrap a long list of plain data once, so that delayed does not look into it."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._arguments import is_bare_generator, with_keyword
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.rewrites._dask_name import delayed_function
from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.program import Program, read
from dask_lens.source.sizes import length

rewrite = Rewrite(__name__, title="Do not look into the list (traverse=False)")

#: Items, from which a list is wrapped.
_LONG = 10_000


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Put ``delayed(..., traverse=False)`` around the long lists of the call at ``place``."""
    program = read(cells)
    for call in program.calls:
        if call.cell != place.cell or call.node.lineno != place.line:
            continue
        if call.result is None or not call.result.is_instance(api.DELAYED_OBJECT):
            continue
        lists = _long(program, call)
        if not lists:
            continue
        codemod = Codemod(cells[place.cell].source)
        changed = _wrapped(program, codemod, call, lists)
        return changed or outcome({place.cell: codemod}, "same")
    return "the text does not tell that a list here is long and holds plain data only"


def _wrapped(program: Program, codemod: Codemod, call: Call, lists: list[ast.expr]) -> str | None:
    """Note the changes; return why they cannot be made."""
    if call.name == api.DELAYED:
        node = codemod.at(cst.Call, program.place(call.cell, call.node))
        if node is None or is_bare_generator(node):
            return "the call could not be found in the text"
        codemod.change(node, lambda updated: with_keyword(updated, "traverse", "False"))
        return None
    delayed = delayed_function(program)
    if delayed is None:
        return "dask.delayed has no name in these cells"
    for given in lists:
        found = codemod.expression(program.place(call.cell, given))
        if found is None:
            return "the list could not be found in the text"
        codemod.change(found, _wrapping(delayed))
    return None


def _wrapping(delayed: str) -> Any:
    def changed(node: cst.BaseExpression) -> cst.Call:
        call = cst.Call(cst.parse_expression(delayed), [cst.Arg(node)])
        return with_keyword(call, "traverse", "False")

    return changed


def _long(program: Program, call: Call) -> list[ast.expr]:
    if call.name == api.DELAYED and (len(call.node.args) != 1 or call.keyword("traverse")):
        return []
    given = [*call.node.args, *(k.value for k in call.node.keywords if k.arg is not None)]
    return [node for node in given if (length(program, node) or 0) >= _LONG]

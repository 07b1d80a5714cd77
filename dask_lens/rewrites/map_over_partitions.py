"""Run a function on each partition of a collection, not on all of them put together."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.source import api
from dask_lens.source.program import read

rewrite = Rewrite(__name__, title="Map it over the partitions")

_METHODS = {
    api.ARRAY: "map_blocks",
    api.DATAFRAME: "map_partitions",
    api.SERIES: "map_partitions",
    api.BAG: "map_partitions",
}


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Make ``x.map_partitions(f)`` of ``delayed(f)(x)`` at ``place``."""
    program = read(cells)
    for call in program.calls:
        inner = call.node.func
        if call.cell != place.cell or call.node.lineno != place.line or not call.arguments:
            continue
        first = call.arguments[0]
        if call.name or first is None or first.name not in _METHODS:
            continue
        made = program.by_node.get(inner) if isinstance(inner, ast.Call) else None
        if made is None or made.name != api.DELAYED or len(made.node.args) != 1:
            return "the function was made lazy elsewhere: map the plain one by hand"
        if made.node.keywords or not isinstance(call.node.args[0], (ast.Name, ast.Attribute)):
            return "the collection has no name of its own here"
        codemod = Codemod(cells[place.cell].source)
        found = codemod.at(cst.Call, program.place(call.cell, call.node))
        if found is None:
            return "the call could not be found in the text"
        codemod.change(found, _mapping(_METHODS[first.name]))
        return outcome({place.cell: codemod}, "ask")
    return "no delayed function is given a collection first on this line"


def _mapping(method: str) -> Any:
    def changed(node: cst.Call) -> cst.Call:
        function = cst.ensure_type(node.func, cst.Call).args[0].value
        first = node.args[0]
        func = cst.Attribute(first.value, cst.Name(method))
        return node.with_changes(
            func=func, args=[first.with_changes(value=function), *node.args[1:]]
        )

    return changed

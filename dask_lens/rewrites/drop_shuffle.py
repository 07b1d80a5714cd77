"""Leave out a shuffle whose order the next one destroys."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.source.program import read
from dask_lens.source.shuffles import repeated

rewrite = Rewrite(
    __name__,
    title="Order the rows once",
    effect="which tasks belong to which of the shuffles is not told by their names",
)


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Take the earlier of two shuffles out of the chain of calls at ``place``."""
    program = read(cells)
    found = next(
        (
            one
            for one in repeated(program)
            if (one.call.cell, program.place(one.call.cell, one.call.node).line)
            == (place.cell, place.line)
        ),
        None,
    )
    if found is None:
        return "no rows are ordered twice on this line"
    if found.earlier is None:
        return "what is ordered in every pass is to be ordered before the loop, and kept"
    earlier = found.earlier.node
    above = _next(found.call.node, earlier)
    if above is None:
        return "the earlier order is made in another statement, which may be of use elsewhere"
    index = isinstance(earlier.func, ast.Attribute) and earlier.func.attr == "set_index"
    resets = isinstance(above.func, ast.Attribute) and above.func.attr == "reset_index"
    if index and not resets:
        return "without the first index, its column would stay among the others"
    codemod = Codemod(cells[place.cell].source)
    dropped = above if index else earlier
    node = codemod.at(cst.Call, program.place(place.cell, dropped))
    inner = codemod.at(cst.Call, program.place(place.cell, earlier))
    if node is None or inner is None or not isinstance(inner.func, cst.Attribute):
        return "the call could not be found in the text"
    kept = inner.func.value
    codemod.change(node, lambda _: kept)
    return outcome({place.cell: codemod}, "ask")


def _next(call: ast.Call, earlier: ast.Call) -> ast.Call | None:
    """Return the call in the chain that is made on the result of the earlier one."""
    node: ast.expr = call
    while isinstance(node, (ast.Call, ast.Attribute, ast.Subscript)):
        if isinstance(node, ast.Call):
            func = node.func
            if isinstance(func, ast.Attribute) and func.value is earlier:
                return node
            node = func
        else:
            node = node.value
    return None

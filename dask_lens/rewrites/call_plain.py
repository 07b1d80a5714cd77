"""Call a function as it is in the place of ``delayed(function)(...)``."""

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

rewrite = Rewrite(__name__, title="Call the outer function as it is")


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Take the ``delayed`` off the function that is called at ``place``."""
    program = read(cells)
    for call in program.calls:
        made = call.node.func
        inner = program.by_node.get(made) if isinstance(made, ast.Call) else None
        at = call.cell == place.cell and call.node.lineno == place.line
        if at and inner is not None and inner.name == api.DELAYED:
            break
    else:
        return "no call of delayed(function)(...) stands on this line"
    if len(inner.node.args) != 1 or inner.node.keywords:
        return "delayed is given options, which would be lost"
    codemod = Codemod(cells[call.cell].source)
    node = codemod.at(cst.Call, program.place(call.cell, inner.node))
    if node is None:
        return "the call could not be found in the text"
    codemod.change(node, lambda updated: updated.args[0].value)
    return outcome({call.cell: codemod}, "ask")

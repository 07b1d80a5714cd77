"""Compute a lazy object where it is made."""

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

rewrite = Rewrite(__name__, title="Compute it: .compute()")


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Call ``compute`` on the lazy object that begins at ``place``."""
    program = read(cells)
    found = [
        call
        for call in program.calls
        if call.cell == place.cell
        and call.node.lineno == place.line
        and call.result is not None
        and call.result.is_instance(*api.COLLECTIONS)
    ]
    exact = [call for call in found if program.place(call.cell, call.node) == place]
    # The outermost of a chain ends last.
    found.sort(key=lambda call: (call.node.end_lineno or 0, call.node.end_col_offset or 0))
    if not found:
        return "nothing lazy is made on this line"
    call = exact[0] if exact else found[-1]
    parent = next(program.cells[call.cell].parents(call.node), None)
    if isinstance(parent, ast.Attribute):
        return "the lazy object is only a part of an expression"
    codemod = Codemod(cells[place.cell].source)
    node = codemod.at(cst.Call, program.place(call.cell, call.node))
    if node is None:
        return "the call could not be found in the text"
    codemod.change(node, _computed)
    return outcome({place.cell: codemod}, "ask")


def _computed(node: cst.Call) -> cst.Call:
    return cst.Call(cst.Attribute(node, cst.Name("compute")))

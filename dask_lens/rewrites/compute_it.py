"""Compute a lazy object where it is made."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.rewrites._collected import compute_after
from dask_lens.rewrites._dask_name import compute_function
from dask_lens.source import api
from dask_lens.source.loops import loop_around
from dask_lens.source.program import Program, read

_KEEPS = ("append", "add", "compute")

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
    if isinstance(parent, ast.Call) and getattr(parent.func, "attr", "") in _KEEPS:
        return "the lazy object is collected: compute all of them together, by hand"
    codemod = Codemod(cells[place.cell].source)
    if isinstance(parent, ast.Expr):
        loop = loop_around(program.cells[call.cell], call.node)
        here = (call.cell, parent)
        if compute_after(program, codemod, here, loop, name="tasks") is None:
            return outcome({place.cell: codemod}, "ask", "Compute them together after the loop")
    if isinstance(parent, ast.ListComp):
        return _together(program, codemod, place.cell, parent)
    node = codemod.at(cst.Call, program.place(call.cell, call.node))
    if node is None:
        return "the call could not be found in the text"
    codemod.change(node, _computed)
    return outcome({place.cell: codemod}, "ask")


def _together(program: Program, codemod: Codemod, cell: int, made: ast.ListComp) -> Change | str:
    """Compute all that a comprehension makes in one call."""
    node = codemod.at(cst.ListComp, program.place(cell, made))
    if node is None or not isinstance(next(program.cells[cell].parents(made)), ast.Expr):
        return "the lazy objects are kept in a list, which is used elsewhere"
    function = compute_function(program, codemod)
    if function is None:
        return "the name dask is something else here: import it by another name"
    codemod.change(
        node, lambda all_: cst.Call(cst.parse_expression(function), [cst.Arg(all_, star="*")])
    )
    return outcome({cell: codemod}, "ask", "Compute them together")


def _computed(node: cst.Call) -> cst.Call:
    return cst.Call(cst.Attribute(node, cst.Name("compute")))

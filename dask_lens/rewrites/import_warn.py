"""Bring what tasks warn of to the notebook: ``distributed.warn``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.rewrites._imports import name_of
from dask_lens.source.program import read

rewrite = Rewrite(__name__, title="Use distributed's warn")


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Call it where the task calls Python's own; outside tasks both do the same."""
    program = read(cells)
    found = [
        call
        for call in program.by_name.get("warnings.warn", ())
        if call.cell == place.cell and call.node.lineno == place.line
    ]
    if not found:
        return "no call of Python's own warn stands on this line"
    codemod = Codemod(cells[place.cell].source)
    name = name_of(program, codemod, "distributed.warn")
    node = codemod.at(cst.Call, program.place(place.cell, found[0].node))
    if name is None:
        return "the name warn means something else here"
    if node is None:
        return "the call could not be found in the text"
    codemod.change(node, lambda call: call.with_changes(func=cst.parse_expression(name)))
    return outcome({place.cell: codemod}, "ask")

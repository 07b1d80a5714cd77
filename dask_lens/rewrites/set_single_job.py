"""Let what runs inside a task use one thread: ``n_jobs=1``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._arguments import with_keyword
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.source.program import read

rewrite = Rewrite(__name__, title="One job inside each task (n_jobs=1)")


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Set ``n_jobs`` of the calls on the line of ``place``."""
    program = read(cells)
    codemod = Codemod(cells[place.cell].source)
    found = [
        call
        for call in program.calls
        if call.cell == place.cell
        and program.place(call.cell, call.node).line == place.line
        and call.keyword("n_jobs") is not None
    ]
    nodes = {codemod.at(cst.Call, program.place(c.cell, c.node)) for c in found} - {None}
    if not nodes:
        return "nothing on this line is given a number of jobs"
    for node in nodes:
        if node is not None:
            codemod.change(node, lambda call: with_keyword(call, "n_jobs", "1"))
    return outcome({place.cell: codemod}, "ask")

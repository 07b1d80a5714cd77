"""Leave a result on the cluster: ``persist`` in the place of ``compute``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.source import api
from dask_lens.source.program import read

rewrite = Rewrite(__name__, title="Leave it on the cluster (persist)")


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Change the method of the collection that is computed at ``place``."""
    program = read(cells)
    for call in program.calls:
        owner, _dot, last = call.name.rpartition(".")
        if call.cell != place.cell or call.node.lineno != place.line or last != "compute":
            continue
        if owner not in api.COLLECTIONS:
            continue
        codemod = Codemod(cells[place.cell].source)
        found = codemod.at(cst.Call, program.place(call.cell, call.node))
        if found is None or not isinstance(found.func, cst.Attribute):
            return "the call could not be found in the text"
        codemod.change(found.func.attr, lambda name: name.with_changes(value="persist"))
        return outcome({place.cell: codemod}, "ask")
    return "no collection is computed by its method on this line"

"""Leave the scheduler of a compute call to the client."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._arguments import has_unpacked_keywords, without_keyword
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.source.computes import computes_at
from dask_lens.source.program import read

rewrite = Rewrite(
    __name__,
    title="Compute on the cluster of the client",
    effect="how many workers the cluster has, this computation does not tell",
)

#: Keywords that only local schedulers know.
LOCAL_KEYWORDS = ("scheduler", "num_workers", "chunksize", "pool")


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Drop the keywords that only local schedulers know."""
    program = read(cells)
    found = next((c for c in computes_at(program, place) if c.keyword("scheduler")), None)
    if found is None:
        return "no call on this line names a scheduler"
    codemod = Codemod(cells[place.cell].source)
    call = codemod.at(cst.Call, program.place(found.cell, found.node))
    if call is None:
        return "the call could not be found in the text"
    if has_unpacked_keywords(call):
        return "the call takes keywords from **, which may name a scheduler, too"
    codemod.change(call, _without_local)
    return outcome({place.cell: codemod}, "ask")


def _without_local(node: cst.Call) -> cst.Call:
    for name in LOCAL_KEYWORDS:
        node = without_keyword(node, name)
    return node

"""Send tasks to processes one by one: ``chunksize=1`` on the call that computes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dask_lens.metrics import change
from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._arguments import with_keyword
from dask_lens.rewrites._codemod import outcome
from dask_lens.rewrites._keyword import opened
from dask_lens.source.computes import compute_at
from dask_lens.source.program import read

rewrite = Rewrite(
    __name__, title="Send tasks one by one (chunksize=1)", effect=change.Change(chunksize=1)
)


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Set the keyword on the call at ``place``."""
    program = read(cells)
    call = compute_at(program, place)
    if call is None:
        return "no call on this line takes a chunksize; only compute and persist do"
    found = opened(cells, program, call, "a chunksize")
    if isinstance(found, str):
        return found
    codemod, node = found
    codemod.change(node, lambda old: with_keyword(old, "chunksize", "1"))
    return outcome({place.cell: codemod}, "same")

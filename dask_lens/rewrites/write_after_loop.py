"""Collect the writes of a loop, and compute them together after it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.metrics import change
from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._after_loop import wait_at
from dask_lens.rewrites._arguments import with_keyword
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.rewrites._collected import compute_after
from dask_lens.source.loops import loop_of
from dask_lens.source.program import read

rewrite = Rewrite(
    __name__, title="Write together after the loop", effect=change.Change(joined=True)
)

_NEVER_LAZY = ("to_npy_stack",)


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Move the write of the line at ``place`` behind its loop."""
    program = read(cells)
    wait = wait_at(program, place, "write")
    loop = loop_of(program, wait.cell, wait.node, wait.inside) if wait is not None else None
    if wait is None or wait.call is None or loop is None:
        return "nothing is written in a loop on this line"
    if loop.call is not None:
        return "only a plain loop around the write can be changed"
    if wait.call.name.rpartition(".")[2] in _NEVER_LAZY:
        return "this writer cannot be told to wait"
    if wait.call.has_unpacked_keywords:
        return "the write could not be changed as it is written"
    codemod = Codemod(cells[place.cell].source)
    here = (place.cell, next(program.cells[place.cell].parents(wait.node)))
    reason = compute_after(program, codemod, here, loop.node, name="writes", lazily=_lazily)
    return outcome({place.cell: codemod}, "ask") if reason is None else reason


def _lazily(call: cst.Call) -> cst.Call:
    return with_keyword(call, "compute", "False")

"""Send tasks to processes one by one: ``chunksize=1`` on the call that computes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.metrics import change
from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._arguments import (
    has_unpacked_keywords,
    is_bare_generator,
    with_keyword,
)
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.source.computes import computes_at
from dask_lens.source.program import read

rewrite = Rewrite(
    __name__, title="Send tasks one by one (chunksize=1)", effect=change.Change(chunksize=1)
)


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Set the keyword on the call at ``place``."""
    program = read(cells)
    found = next(computes_at(program, place), None)
    if found is None:
        return "no call on this line takes a chunksize; only compute and persist do"
    codemod = Codemod(cells[place.cell].source)
    call = codemod.at(cst.Call, program.place(found.cell, found.node))
    if call is None:
        return "the call could not be found in the text"
    if has_unpacked_keywords(call):
        return "the call takes keywords from **, which may hold a chunksize already"
    if is_bare_generator(call):
        return "a keyword cannot follow a generator without parentheses of its own"
    codemod.change(call, lambda node: with_keyword(node, "chunksize", "1"))
    return outcome({place.cell: codemod}, "same")

"""Have each of several equal calls run: ``pure=False`` on the call that submits them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._arguments import (
    has_unpacked_keywords,
    is_bare_generator,
    with_keyword,
)
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.source.program import read

rewrite = Rewrite(__name__, title="Run each of the calls (pure=False)")

_SENDS = ("distributed.Client.submit", "distributed.Client.map")


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, arguments: Mapping[str, Any]) -> Change | str:
    """Set the keyword on the call at ``place``."""
    program = read(cells)
    found = next(
        (
            call
            for name in _SENDS
            for call in program.by_name.get(name, ())
            if call.cell == place.cell and call.node.lineno == place.line
        ),
        None,
    )
    if found is None:
        return "no submit or map of a client stands on this line"
    codemod = Codemod(cells[place.cell].source)
    call = codemod.at(cst.Call, program.place(found.cell, found.node))
    if call is None:
        return "the call could not be found in the text"
    if has_unpacked_keywords(call):
        return "the call takes keywords from **, which may hold pure already"
    if is_bare_generator(call):
        return "a keyword cannot follow a generator without parentheses of its own"
    codemod.change(call, lambda node: with_keyword(node, "pure", "False"))
    return outcome({place.cell: codemod}, "same" if arguments.get("known") else "ask")

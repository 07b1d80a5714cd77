"""Have each of several equal calls run: ``pure=False`` on the call that submits them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._arguments import with_keyword
from dask_lens.rewrites._codemod import outcome
from dask_lens.rewrites._keyword import opened
from dask_lens.source.program import read

rewrite = Rewrite(__name__, title="Run each of the calls (pure=False)")

_SENDS = ("distributed.Client.submit", "distributed.Client.map")


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, arguments: Mapping[str, Any]) -> Change | str:
    """Set the keyword on the call at ``place``."""
    program = read(cells)
    call = next(
        (
            one
            for name in _SENDS
            for one in program.by_name.get(name, ())
            if one.cell == place.cell and one.node.lineno == place.line
        ),
        None,
    )
    if call is None:
        return "no submit or map of a client stands on this line"
    found = opened(cells, program, call, "pure")
    if isinstance(found, str):
        return found
    codemod, node = found
    codemod.change(node, lambda old: with_keyword(old, "pure", "False"))
    return outcome({place.cell: codemod}, "same" if arguments.get("known") else "ask")

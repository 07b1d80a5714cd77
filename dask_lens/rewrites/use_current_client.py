"""Use the client that is there: ``Client.current()``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.source.loops import loop_around
from dask_lens.source.program import read
from dask_lens.source.tasks import task_functions

rewrite = Rewrite(
    __name__,
    title="Use the client that is there",
    effect="the start of a cluster is not part of a computation",
)


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Replace the call, where another line makes the first client."""
    program = read(cells)
    made = [
        call
        for call in program.by_name.get("distributed.Client", ())
        if not call.node.args and call.keyword("address") is None
    ]
    here = [c for c in made if c.cell == place.cell and _line(program.place, c) == place.line]
    if not here:
        return "no client is made on this line"
    call = here[0]
    if call.inside is not None and call.inside in task_functions(program):
        return "a task has a client to use: with worker_client() as client, by hand"
    if call is made[0] or call.inside is not None:
        return "this line makes the first client: close it before the cell is run again"
    if loop_around(program.cells[call.cell], call.node) is not None:
        return "the client is made in a loop: make it once, above"
    codemod = Codemod(cells[place.cell].source)
    node = codemod.at(cst.Call, program.place(call.cell, call.node))
    if node is None:
        return "the call could not be found in the text"
    current = cst.Attribute(node.func, cst.Name("current"))
    codemod.change(node, lambda _: cst.Call(current, lpar=node.lpar, rpar=node.rpar))
    return outcome({place.cell: codemod}, "ask")


def _line(place: Any, call: Any) -> int:
    line: int = place(call.cell, call.node).line
    return line

"""Leave out a ``persist()`` whose result is computed at once."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._after_loop import wait_at
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.source.persisted import TOGETHER, persist_in
from dask_lens.source.program import Program, read

rewrite = Rewrite(__name__, title="Leave out persist")


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Remove the ``persist()`` before the ``compute()`` at ``place``."""
    program = read(cells)
    wait = wait_at(program, place, "compute", "load")
    named = None if wait is not None else _named(program, place)
    lazy = wait.lazies[0] if wait is not None and len(wait.lazies) == 1 else named
    call = persist_in(program, lazy) if lazy is not None else None
    if call is None:
        return "what is computed here is not persisted directly before"
    if call.name == TOGETHER:
        return "dask.persist gives a tuple: compute what it is given, in its place"
    codemod = Codemod(cells[place.cell].source)
    node = codemod.at(cst.Call, program.place(place.cell, call.node))
    if node is None:
        return "the call could not be found in the text"
    if node.args:
        return "persist is given settings of its own"
    codemod.change(node, lambda call: call.func.value)
    return outcome({place.cell: codemod}, "ask")


def _named(program: Program, place: Place) -> ast.expr | None:
    """Return the ``persist()`` at ``place`` whose result is given a name."""
    found = [
        call.node
        for call in program.calls
        if (call.cell, call.node.lineno) == (place.cell, place.line)
        and call.name.rpartition(".")[2] == "persist"
        and isinstance(program.cells[call.cell].statement(call.node), ast.Assign)
    ]
    return found[0] if found else None

"""Gather all futures at once, where a comprehension asks for one ``result()`` after another."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._after_loop import wait_at
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.source.one_by_one import fetched
from dask_lens.source.program import read

rewrite = Rewrite(__name__, title="Gather them at once (client.gather)")


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Put ``client.gather`` in the place of the comprehension at ``place``."""
    program = read(cells)
    wait = wait_at(program, place, "result")
    found = fetched(program, wait) if wait is not None else None
    if wait is None or found is None:
        return "no comprehension on this line does nothing but fetch results"
    made = program.by_node.get(found.future.call) if found.future.call is not None else None
    client = made.node.func.value if made and isinstance(made.node.func, ast.Attribute) else None
    if made is None or client is None or not ast.unparse(client).replace(".", "").isidentifier():
        return "the client has no name by which gather could be called"
    if made.inside not in (None, wait.inside):
        return "the client is another function's own"
    codemod = Codemod(cells[place.cell].source)
    where = program.place(place.cell, found.comprehension)
    node = codemod.at(cst.ListComp, where) or codemod.at(cst.DictComp, where)
    if node is None:
        return "the comprehension could not be found in the text"
    gather = cst.parse_expression(f"{ast.unparse(client)}.gather({ast.unparse(found.futures)})")
    codemod.change(node, lambda _: gather)
    return outcome({place.cell: codemod}, "same")

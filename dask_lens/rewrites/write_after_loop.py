"""Collect the writes of a loop, and compute them together after it."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.metrics import change
from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._after_loop import wait_at
from dask_lens.rewrites._arguments import has_unpacked_keywords, with_keyword
from dask_lens.rewrites._codemod import Codemod, outcome, preceded
from dask_lens.rewrites._dask_name import compute_function
from dask_lens.source.loops import loop_of
from dask_lens.source.program import read

rewrite = Rewrite(
    __name__, title="Write together after the loop", effect=change.Change(joined=True)
)

_NAMES = ("writes", "all_writes", "lazy_writes")
_NEVER_LAZY = ("to_npy_stack",)


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Move the write of the line at ``place`` behind its loop."""
    program = read(cells)
    wait = wait_at(program, place, "write")
    loop = loop_of(program, wait.cell, wait.node, wait.inside) if wait is not None else None
    if wait is None or wait.call is None or loop is None:
        return "nothing is written in a loop on this line"
    if (
        loop.call is not None
        or not isinstance(loop.node, (ast.For, ast.While))
        or loop.node.orelse
    ):
        return "only a plain loop around the write can be changed"
    if wait.call.name.rpartition(".")[2] in _NEVER_LAZY:
        return "this writer cannot be told to wait"
    statement = next(program.cells[place.cell].parents(wait.node))
    if not isinstance(statement, ast.Expr):
        return "what the writer returns is used"
    if any(isinstance(n, (ast.Try, ast.With, ast.Break, ast.Return)) for n in loop.parts()):
        return "the loop can be left, or closes what it opened"
    name = next((n for n in _NAMES if n not in program.names), None)
    codemod = Codemod(cells[place.cell].source)
    node = codemod.at(cst.Call, program.place(place.cell, wait.node))
    around = codemod.statement(program.place(place.cell, loop.node))
    if node is None or around is None or name is None or has_unpacked_keywords(node):
        return "the write could not be changed as it is written"
    function = compute_function(program, codemod)
    if function is None:
        return "the name dask is something else here: import it by another name"
    adds = cst.Attribute(cst.Name(name), cst.Name("append"))
    codemod.change(
        node, lambda call: cst.Call(adds, [cst.Arg(with_keyword(call, "compute", "False"))])
    )
    after = cst.parse_statement(f"{function}(*{name})")
    codemod.change(
        around,
        lambda written: cst.FlattenSentinel([*preceded(written, [f"{name} = []"]).nodes, after]),
    )
    return outcome({place.cell: codemod}, "ask")

"""Gather a future through the client of the task, in the place of ``future.result()``."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.rewrites._worker_block import gathering
from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.program import Program, read
from dask_lens.source.values import contained

rewrite = Rewrite(__name__, title="Gather it (client.gather)")


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Change the calls of ``result`` on a line, inside a ``worker_client`` block."""
    program = read(cells)
    codemod = Codemod(cells[place.cell].source)
    changed = 0
    for call in program.by_name.get("distributed.Future.result", ()):
        if call.cell != place.cell or call.node.lineno != place.line:
            continue
        if call.node.args or call.node.keywords:
            return "result is given a limit of time, which gather does not know"
        client = _client(program, call)
        if client is None:
            return "the call does not stand in a worker_client block that names the client"
        node = codemod.at(cst.Call, program.place(call.cell, call.node))
        if node is None:
            return "the call could not be found in the text"
        codemod.change(node, gathering(client))
        changed += 1
    return outcome({place.cell: codemod}, "same") if changed else "no result is fetched here"


def _client(program: Program, call: Call) -> str | None:
    """Return the name of the ``worker_client`` that made a future, where its block is open."""
    future = contained(call.receiver, api.FUTURE)
    made = program.by_node.get(future.call) if future and future.call else None
    client = made.receiver.call if made is not None and made.receiver is not None else None
    for parent in program.cells[call.cell].parents(call.node):
        for item in parent.items if isinstance(parent, ast.With) else ():
            if item.context_expr is client and isinstance(item.optional_vars, ast.Name):
                got = program.by_node.get(client) if client is not None else None
                known = got is not None and got.name == api.WORKER_CLIENT
                return item.optional_vars.id if known else None
    return None

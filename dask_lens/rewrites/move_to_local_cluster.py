"""Move a compute call from the processes scheduler to a distributed client.

A local cluster sends every task on its own, keeps intermediate results on the workers, and is
the same code as any other Dask cluster. Where the cells already make a client, it is used.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.metrics import change
from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._arguments import without_keyword
from dask_lens.rewrites._codemod import Codemod, outcome, preceded
from dask_lens.source.calls import Call
from dask_lens.source.cell import ParsedCell
from dask_lens.source.computes import compute_at, has_client
from dask_lens.source.program import Program, read

rewrite = Rewrite(
    __name__,
    title="Move to a local cluster (LocalCluster)",
    effect=change.Change(scheduler="distributed"),
)

#: Keywords that only local schedulers know.
LOCAL_KEYWORDS = ("scheduler", "chunksize", "num_workers")

_WITH_CLIENT = "Use the client that is there"
_LOCAL_CLUSTER = "distributed.LocalCluster"


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, arguments: Mapping[str, Any]) -> Change | str:
    """Drop what only local schedulers know, and make a client first where there is none."""
    program = read(cells)
    found = compute_at(program, place)
    if found is None:
        return "no call on this line can be moved; only compute and persist can"
    parsed = program.cells[place.cell]
    codemod = Codemod(parsed.source)
    call = codemod.at(cst.Call, program.place(found.cell, found.node))
    outermost = [found.node, *parsed.parents(found.node)][-2]
    if call is None or not isinstance(outermost, ast.stmt):
        return "the call could not be found in the text"
    reason = _refuse(program, found, parsed)
    if reason is not None:
        return reason
    codemod.change(call, _move)
    client = has_client(program)
    if not client:
        lines = _preparation(program, found, arguments.get("threads_per_worker"))
        if isinstance(lines, str):
            return lines
        statement = codemod.statement(parsed.place(place.cell, outermost))
        if statement is None:
            return "the statement could not be found in the text"
        codemod.change(statement, lambda node: preceded(node, lines))
    return outcome({place.cell: codemod}, "ask", _WITH_CLIENT if client else None)


def _refuse(program: Program, call: Call, parsed: ParsedCell) -> str | None:
    if call.inside is not None and not has_client(program):
        return "the call is in a function: make the client where the function is called"
    if any(keyword.arg is None for keyword in call.node.keywords):
        return "the call takes keywords from **, which may name a scheduler"
    if call.keyword("pool") is not None:
        return "the call brings its own pool"
    around = {call.node for call in program.calls if call.name == "dask.config.set"}
    for parent in parsed.parents(call.node):
        items = parent.items if isinstance(parent, (ast.With, ast.AsyncWith)) else []
        if any(item.context_expr in around for item in items):
            return "dask.config.set around the call chooses the scheduler"
    chooses = call.keyword("scheduler") is not None
    if not chooses and has_client(program):
        return "the call already goes to the client"
    return None


def _move(node: cst.Call) -> cst.Call:
    for name in LOCAL_KEYWORDS:
        node = without_keyword(node, name)
    return node


def _preparation(program: Program, call: Call, threads: int | None) -> list[str] | str:
    """Return the lines that make a client, or why they cannot be written."""
    known = [
        name
        for name, value in program.scope.names.items()
        if value is not None and value.kind == "name" and value.name == _LOCAL_CLUSTER
    ]
    lines = []
    if not known:
        if "LocalCluster" in program.names:
            return "the name LocalCluster means something else in this notebook"
        lines.append("from dask.distributed import LocalCluster")
    cluster = _unused("cluster", program.names)
    client = _unused("client", program.names)
    workers = call.keyword("num_workers")
    # As many processes as before, with one task at a time in each.
    options = f"n_workers={ast.unparse(workers)}, threads_per_worker=1" if workers else ""
    if threads is not None and workers is None:
        options = f"threads_per_worker={threads}"
    lines.append(f"{cluster} = {known[0] if known else 'LocalCluster'}({options})")
    lines.append(f"{client} = {cluster}.get_client()")
    return lines


def _unused(name: str, taken: frozenset[str]) -> str:
    candidates = (name, f"dask_{name}", *(f"dask_{name}_{n}" for n in range(2, 1000)))
    return next(candidate for candidate in candidates if candidate not in taken)

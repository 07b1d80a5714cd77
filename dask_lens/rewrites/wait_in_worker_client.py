"""Let a task wait for its own tasks in a ``worker_client`` block.

The block takes the task out of its worker's thread pool for as long as it waits, so the tasks
it waits for can have the thread.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.rewrites._imports import uses
from dask_lens.rewrites._worker_block import (
    gathering,
    open_around,
    open_at,
    unused,
    worker_client,
)
from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.cell import ParsedCell
from dask_lens.source.program import Program, read
from dask_lens.source.values import contained

rewrite = Rewrite(__name__, title="Wait in a worker_client block")

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Open the block where the client is got that the wait at ``place`` belongs to."""
    program = read(cells)
    client = _client(program, place)
    if client is None:
        return "no task on this line waits for tasks of a client that keeps its thread"
    parsed = program.cells[client.cell]
    statement = parsed.statement(client.node)
    name = _bound(statement, client)
    if statement is None or any(isinstance(p, ast.Lambda) for p in parsed.parents(client.node)):
        return "it is a lambda: give it a name and a body first"
    reason = _refuse(parsed, statement, name)
    if reason is not None:
        return reason
    codemod = Codemod(cells[client.cell].source)
    beside = client.node.func
    whole = all(cell.execution_count is None for cell in cells)
    needless = whole and isinstance(beside, ast.Name)
    needless = needless and not uses(program, ast.unparse(beside), {client.node})
    function = worker_client(program, client, codemod, needless=needless)
    if function is None:
        return "the name worker_client means something else in this notebook"
    where = program.place(client.cell, statement)
    named = name or unused("client", program.names)
    _gather(program, codemod, client, named)
    if name is not None:
        open_at(codemod, where, function, name)
    else:
        inner = program.place(client.cell, client.node)
        open_around(codemod, where, inner, function, named)
    return outcome({client.cell: codemod}, "ask")


def _gather(program: Program, codemod: Codemod, client: Call, name: str) -> None:
    """Fetch with ``gather`` of the client what ``result()`` of its futures would copy."""
    for call in program.by_name.get("distributed.Future.result", ()):
        future = contained(call.receiver, api.FUTURE)
        made = program.by_node.get(future.call) if future and future.call else None
        owner = made.receiver.call if made is not None and made.receiver is not None else None
        plain = not (call.node.args or call.node.keywords)
        node = codemod.at(cst.Call, program.place(call.cell, call.node))
        if owner is client.node and plain and node is not None:
            codemod.change(node, gathering(name))


def _client(program: Program, place: Place) -> Call | None:
    """Return the call that got the client whose tasks are waited for on a line."""
    for call in program.calls:
        ends = call.node.end_lineno or call.node.lineno
        if call.cell != place.cell or not call.node.lineno <= place.line <= ends:
            continue
        waits = (call.receiver, call.arguments[0] if call.arguments else None)
        for value in waits:
            future = contained(value, api.FUTURE)
            made = program.by_node.get(future.call) if future and future.call else None
            client = made.receiver if made is not None else value
            got = program.by_node.get(client.call) if client and client.call else None
            if got is not None and got.name in api.WORKER_CLIENTS and got.inside is not None:
                return got
    return None


def _bound(statement: ast.stmt | None, client: Call) -> str | None:
    """Return the name that a statement gives to the client."""
    if not isinstance(statement, ast.Assign) or statement.value is not client.node:
        return None
    target = statement.targets[0]
    return target.id if len(statement.targets) == 1 and isinstance(target, ast.Name) else None


def _refuse(parsed: ParsedCell, statement: ast.stmt, name: str | None) -> str | None:
    function = next((p for p in parsed.parents(statement) if isinstance(p, _FUNCTIONS)), None)
    if function is None or isinstance(function, ast.AsyncFunctionDef):
        return "the client is not got in a function that runs as a task"
    if name is None:
        simple = isinstance(statement, (ast.Return, ast.Assign, ast.Expr, ast.AugAssign))
        return None if simple else "the client is not given a name by a statement of its own"
    block = next(parsed.parents(statement))
    rest = next(
        part[part.index(statement) :]
        for _, part in ast.iter_fields(block)
        if isinstance(part, list) and statement in part
    )
    inside = {node for part in rest for node in ast.walk(part)}
    named = [n for n in ast.walk(function) if isinstance(n, ast.Name) and n.id == name]
    if any(n not in inside for n in named):
        return f"the name {name} is read outside the block that makes it"
    if sum(isinstance(n.ctx, ast.Store) for n in named) > 1:
        return f"the name {name} is given to more than one thing"
    return None

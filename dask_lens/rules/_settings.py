"""What ``dask.config.set`` sets, which scheduler a call names, and which client is there."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.computes import computes
from dask_lens.source.program import Program

SYNC = frozenset({"sync", "synchronous", "single-threaded"})
THREADS = frozenset({"threads", "threading"})
PROCESSES = frozenset({"processes", "multiprocessing"})

_CLOSING = ("distributed.Client.close", "distributed.Client.shutdown")


def literal(node: ast.expr | None) -> Any:
    """Return the value of a literal; None for everything else."""
    try:
        return ast.literal_eval(node) if node is not None else None
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None


def settings_of(call: Call) -> dict[str, ast.expr]:
    """Return what a call of ``dask.config.set`` sets, as far as it is written there."""
    found = {k.arg: k.value for k in call.node.keywords if k.arg is not None}
    for given in call.node.args[:1]:
        if isinstance(given, ast.Dict):
            found |= {
                key.value: value
                for key, value in zip(given.keys, given.values, strict=True)
                if isinstance(key, ast.Constant) and isinstance(key.value, str)
            }
    return found


def settings(program: Program, name: str) -> Iterator[tuple[Call, ast.expr]]:
    """Yield the calls of ``dask.config.set`` that set ``name``, with the value."""
    for call in program.by_name.get("dask.config.set", ()):
        value = settings_of(call).get(name)
        if value is not None:
            yield call, value


def is_statement(program: Program, call: Call) -> bool:
    """Whether a call is a statement of its own, at the top level of a cell."""
    parents = list(program.cells[call.cell].parents(call.node))
    return bool(parents) and isinstance(parents[0], ast.Expr) and call.inside is None


def scheduler_of(call: Call) -> str | None:
    """Return the scheduler that a call names in so many words, in lower case."""
    named = literal(call.keyword("scheduler"))
    return named.lower() if isinstance(named, str) else None


def compares_schedulers(program: Program) -> bool:
    """Whether the cells name more than one scheduler: then they compare them on purpose."""
    named = {scheduler_of(call) for call in computes(program)} - {None}
    kinds = [SYNC, THREADS, PROCESSES]
    return sum(bool(kind & named) for kind in kinds) > 1


def position(call: Call) -> tuple[int, int, int]:
    """Return where a call stands, to be compared with others."""
    return (call.cell, call.node.lineno, call.node.col_offset)


def clients(program: Program) -> list[Call]:
    """Return the calls at the top level of the cells that make a client."""
    found = [
        call
        for call in program.calls
        if call.result is not None
        and call.result.is_instance(api.CLIENT)
        and call.inside is None
        and call.name not in api.WORKER_CLIENTS
        and call.name != api.WORKER_CLIENT
    ]
    return sorted(found, key=position)


def block_of(program: Program, call: Call) -> ast.With | ast.AsyncWith | None:
    """Return the ``with`` statement that a call is entered by."""
    child: ast.AST = call.node
    for parent in program.cells[call.cell].parents(call.node):
        if isinstance(parent, (ast.With, ast.AsyncWith)):
            entered = any(
                child is item or child is item.context_expr or call.node is item.context_expr
                for item in parent.items
            )
            return parent if entered else None
        child = parent
    return None


def client_at(program: Program, call: Call) -> Call | None:
    """Return the call that made the default client that is there when ``call`` is reached."""
    found = None
    for made in clients(program):
        if position(made) >= position(call) or literal(made.keyword("set_as_default")) is False:
            continue
        block = block_of(program, made)
        if block is not None and block not in program.cells[call.cell].parents(call.node):
            continue
        if not _closed(program, made, call):
            found = made
    return found


def _closed(program: Program, made: Call, until: Call) -> bool:
    between = (
        call
        for name in _CLOSING
        for call in program.by_name.get(name, ())
        if position(made) < position(call) < position(until)
    )
    return any(
        call.receiver is None or call.receiver.call in (None, made.node) for call in between
    )

"""What ``dask.config.set`` sets, for all that follows or for a block."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from dask_lens.source.calls import Call
from dask_lens.source.program import Program

SYNC = frozenset({"sync", "synchronous", "single-threaded"})
THREADS = frozenset({"threads", "threading"})
PROCESSES = frozenset({"processes", "multiprocessing"})

#: The functions that stand for schedulers.
_GETS = {
    "dask.threaded.get": "threads",
    "dask.multiprocessing.get": "processes",
    "dask.local.get_sync": "sync",
    "dask.get": "sync",
}


def literal(node: ast.expr | None) -> Any:
    """Return the value of a literal; None for everything else."""
    try:
        return ast.literal_eval(node) if node is not None else None
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None


def scheduler_named(node: ast.expr | None) -> str | None:
    """Return the scheduler that a literal names, in lower case as Dask reads it; else None."""
    named = literal(node)
    return named.lower() if isinstance(named, str) else None


def scheduler_of(call: Call) -> str | None:
    """Return the scheduler that a call names, in lower case, or whose function it gives."""
    given = call.keywords.get("scheduler")
    function = given.name if given is not None and given.kind == "name" else ""
    return _GETS.get(function) or scheduler_named(call.keyword("scheduler"))


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


def setting_at(program: Program, call: Call, name: str) -> ast.expr | None:
    """Return what ``name`` is set to where ``call`` is reached; None where it is not told.

    Parameters
    ----------
    program
        The cells.
    call
        A call at the top level of a cell, or in a block that sets it.
    name
        A key of Dask's configuration.
    """
    around = list(program.cells[call.cell].parents(call.node))
    found: tuple[tuple[bool, int, int, int], ast.expr] | None = None
    for setting, value in settings(program, name):
        block = block_of(program, setting)
        at = (block is not None, *setting.position)
        holds = block in around if block is not None else setting.inside is None
        if holds and setting.position < call.position and (found is None or found[0] < at):
            found = (at, value)
    return found[1] if found is not None else None

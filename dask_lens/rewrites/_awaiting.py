"""Whether what a client gives has to be awaited."""

from __future__ import annotations

import ast

from dask_lens.source.calls import Call
from dask_lens.source.program import Program

#: Why a rewrite leaves code alone where :func:`awaiting` returns None.
NOT_KNOWN = "it is not known whether the client's scatter has to be awaited here"

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def has_asynchronous_client(program: Program) -> bool:
    """Whether any client is made whose methods have to be awaited."""
    made = program.by_name.get("distributed.Client", ())
    return any(maker.literal("asynchronous") is True for maker in made)


def awaiting(program: Program, call: Call) -> str | None:
    """Return what stands before a call of a client's method that brings or sends data.

    Parameters
    ----------
    program
        The cells.
    call
        A call near it, of the same client.

    Returns
    -------
    str or None
        ``"await "`` where a client is asynchronous, else nothing; None where it is not known,
        or where nothing can be awaited.
    """
    parents = program.cells[call.cell].parents(call.node)
    function = next((p for p in parents if isinstance(p, _FUNCTIONS)), None)
    can_await = function is None or isinstance(function, ast.AsyncFunctionDef)
    if has_asynchronous_client(program):
        return "await " if can_await else None
    return None if isinstance(function, ast.AsyncFunctionDef) else ""

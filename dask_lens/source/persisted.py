"""Calls of ``persist``, and where one stands in what is computed."""

from __future__ import annotations

import ast

from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.program import Program

#: What persists several at once.
TOGETHER = "dask.persist"


def is_persist(call: Call) -> bool:
    """Whether a call persists a collection, or several."""
    owner, _, last = call.name.rpartition(".")
    method = isinstance(call.node.func, ast.Attribute)
    return call.name == TOGETHER or (method and last == "persist" and owner in api.COLLECTIONS)


def persist_in(program: Program, lazy: ast.expr) -> Call | None:
    """Return the call of ``persist`` that an expression is a chain of methods and parts of.

    Parameters
    ----------
    program
        The cells.
    lazy
        The expression, say ``x.persist().mean()``.
    """
    node: ast.expr = lazy
    while True:
        call = program.by_node.get(node) if isinstance(node, ast.Call) else None
        if call is not None and is_persist(call):
            return call
        if isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, (ast.Attribute, ast.Subscript)):
            node = node.value
        else:
            return None

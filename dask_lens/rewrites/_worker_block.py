"""A ``worker_client`` block in the place of a client that keeps the task's thread."""

from __future__ import annotations

import ast
from collections.abc import Collection
from typing import Any

import libcst as cst

from dask_lens.record.cell import Place
from dask_lens.rewrites._codemod import Codemod, Replace
from dask_lens.rewrites._imports import add_import
from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.program import Program


def worker_client(
    program: Program, client: Call, codemod: Codemod, *, needless: bool
) -> cst.BaseExpression | None:
    """Return how ``worker_client`` is called here, imported where it was not.

    Parameters
    ----------
    program
        The cells.
    client
        The call that gets the client now.
    codemod
        The cell to change.
    needless
        Whether the name that this call reads is needed for nothing else.

    Returns
    -------
    libcst.BaseExpression or None
        None where the name means something else.
    """
    function = client.node.func
    if isinstance(function, ast.Attribute) and function.attr == "get_client":
        return cst.parse_expression(f"{ast.unparse(function.value)}.worker_client()")
    for name, value in program.scope.names.items():
        if value is not None and value.kind == "name" and value.name == api.WORKER_CLIENT:
            return cst.parse_expression(f"{name}()")
    if "worker_client" in program.names:
        return None
    beside = function.id if isinstance(function, ast.Name) else None
    add_import(codemod, "worker_client", beside, instead=needless and beside is not None)
    return cst.parse_expression("worker_client()")


def open_at(codemod: Codemod, place: Place, function: cst.BaseExpression, name: str) -> None:
    """Turn the statement at ``place``, which names the client, into a block with the rest."""
    line = codemod.statement(place)
    around = next((b for b in codemod.nodes(cst.IndentedBlock) if line in b.body), None)
    if line is None or around is None:
        raise LookupError(f"no statement in a block at {place}")
    position = list(around.body).index(line)

    def opened(block: cst.IndentedBlock) -> cst.IndentedBlock:
        assignment: Any = block.body[position]
        body = cst.IndentedBlock(block.body[position + 1 :], header=assignment.trailing_whitespace)
        made = _block(function, name, body, leading_lines=assignment.leading_lines)
        return block.with_changes(body=[*block.body[:position], made])

    codemod.change(around, opened)


def open_around(
    codemod: Codemod, statement: Place, client: Place, function: cst.BaseExpression, name: str
) -> None:
    """Put a block around a statement, with the client in it under a name."""
    line = codemod.statement(statement)
    call = codemod.at(cst.Call, client)
    if line is None or call is None:
        raise LookupError(f"no statement at {statement}")
    codemod.change(call, lambda _: cst.Name(name))

    def opened(node: cst.SimpleStatementLine) -> cst.With:
        body = cst.IndentedBlock([node.with_changes(leading_lines=[])])
        return _block(function, name, body, leading_lines=node.leading_lines)

    codemod.change(line, opened)


def gathering(client: str) -> Replace:
    """Return what turns ``future.result()`` into ``client.gather(future)``."""
    gather = cst.parse_expression(f"{client}.gather")

    def changed(node: cst.Call) -> cst.Call:
        future = cst.ensure_type(node.func, cst.Attribute).value
        return node.with_changes(func=gather, args=[cst.Arg(future)])

    return changed


def unused(name: str, taken: Collection[str]) -> str:
    """Return a name for the client that means nothing else yet."""
    candidates = (name, f"inner_{name}", *(f"{name}_{n}" for n in range(2, 1000)))
    return next(candidate for candidate in candidates if candidate not in taken)


def _block(
    function: cst.BaseExpression, name: str, body: cst.IndentedBlock, **parts: Any
) -> cst.With:
    item = cst.WithItem(function, cst.AsName(cst.Name(name)))
    return cst.With([item], body, **parts)

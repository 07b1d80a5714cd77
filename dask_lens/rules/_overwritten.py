"""Names that are given something which is gone before anybody has read them."""

from __future__ import annotations

import ast

from dask_lens.rules._repeats import loops
from dask_lens.source.calls import Call
from dask_lens.source.free import declared
from dask_lens.source.program import Program

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def is_overwritten(program: Program, call: Call, statement: ast.Assign, name: str) -> bool:
    """Whether a name that is given what a call makes is never read while it means that.

    Parameters
    ----------
    program
        The cells.
    call, statement
        The call, and the statement that gives the name what it makes.
    name
        The name.
    """
    cell = program.cells[call.cell]
    if call.inside is not None:
        # A name of the function's own is gone when the function is.
        function = next(p for p in cell.parents(statement) if isinstance(p, _FUNCTIONS))
        return not _is_read(function, name) and name not in declared(function)
    around = list(loops(cell, statement))
    return bool(around) and not any(_is_read(loop, name) for loop in around)


def _is_read(scope: ast.AST, name: str) -> bool:
    return any(
        isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Store)
        for node in ast.walk(scope)
    )

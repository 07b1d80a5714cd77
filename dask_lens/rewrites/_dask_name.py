"""How a cell can call ``dask.compute``."""

from __future__ import annotations

import ast

import libcst as cst

from dask_lens.rewrites._codemod import Codemod, preceded
from dask_lens.source.calls import Call
from dask_lens.source.program import Program

_IMPORT = "import dask"


def compute_function(program: Program, codemod: Codemod) -> str | None:
    """Return what ``dask.compute`` is called by; import ``dask`` in the cell where need be.

    Parameters
    ----------
    program
        The cells.
    codemod
        The cell that is to call it.

    Returns
    -------
    str or None
        None where the name ``dask`` is taken by something else.
    """
    names = program.scope.names
    for name, value in names.items():
        if value is not None and value.kind == "name" and value.name == "dask.compute":
            return name
    for name, value in names.items():
        if value is not None and value.kind == "name" and value.name == "dask":
            return f"{name}.compute"
    if "dask" in program.names or not codemod.module.body:
        return None
    first = codemod.module.body[0]
    later = _after_imports(codemod)
    codemod.change(later or first, lambda node: preceded(node, [_IMPORT]))
    return "dask.compute"


def delayed_function(program: Program) -> str | None:
    """Return what ``dask.delayed`` is called by; None where it has no name.

    Parameters
    ----------
    program
        The cells.
    """
    named = {
        v.name: n for n, v in program.scope.names.items() if v is not None and v.kind == "name"
    }
    if "dask.delayed" in named:
        return named["dask.delayed"]
    return f"{named['dask']}.delayed" if "dask" in named else None


def keywords_of(program: Program, call: Call) -> str:
    """Return the keywords of a call, as text to go behind other arguments."""
    code = program.cells[call.cell].code
    return "".join(
        f", {k.arg + '=' if k.arg else '**'}{ast.get_source_segment(code, k.value)}"
        for k in call.node.keywords
    )


def _after_imports(codemod: Codemod) -> cst.SimpleStatementLine | None:
    """Return the first plain import of the cell, above which another fits."""
    for statement in codemod.module.body:
        if isinstance(statement, cst.SimpleStatementLine):
            names = statement.body[0]
            if isinstance(names, cst.Import) or (
                isinstance(names, cst.ImportFrom)
                and not (isinstance(names.module, cst.Name) and names.module.value == "__future__")
            ):
                return statement
    return None

"""Files that change between two computations that read them."""

from __future__ import annotations

import ast

from dask_lens.source.lineage import ancestors, is_read
from dask_lens.source.program import Program
from dask_lens.source.waits import Wait

_WRITES = ("to_", "write", "save", "open")


def is_rewritten(program: Program, one: Wait, other: Wait) -> bool:
    """Whether files that two computations of a cell read are written to in between.

    Parameters
    ----------
    program
        The cells.
    one, other
        The computations, in the order of the text.
    """
    made = [v.call for v in ancestors(one.values) if is_read(v) and v.call is not None]
    paths = [_text(argument).partition("*")[0] for call in made for argument in call.args]
    known = tuple(path for path in paths if path)
    lines = range(one.node.lineno + 1, other.node.lineno)
    if not known or not lines or one.cell != other.cell:
        return False
    return any(
        isinstance(node, ast.Call)
        and node.lineno in lines
        and ast.unparse(node.func).rpartition(".")[2].startswith(_WRITES)
        and any(_text(argument).startswith(known) for argument in node.args)
        for node in ast.walk(program.cells[other.cell].tree)
    )


def _text(node: ast.expr) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else ""

"""Files that change between two computations that read them."""

from __future__ import annotations

import ast
import functools

from dask_lens.source.cell import ParsedCell
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
    known = _paths(one)
    lines = range(one.node.lineno + 1, other.node.lineno)
    if not known or not lines or one.cell != other.cell:
        return False
    return any(
        node.lineno in lines and any(_text(argument).startswith(known) for argument in node.args)
        for node in _writers(program.cells[other.cell])
    )


@functools.lru_cache(maxsize=512)
def _writers(cell: ParsedCell) -> tuple[ast.Call, ...]:
    return tuple(
        node
        for node in ast.walk(cell.tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).rpartition(".")[2].startswith(_WRITES)
    )


def writes_back(write: Wait) -> bool:
    """Whether a writer writes to files that what it writes is read from.

    Parameters
    ----------
    write
        Where it is called.
    """
    given = write.call.node.args if write.call is not None else []
    known = _paths(write)
    return bool(known) and any(_text(argument).startswith(known) for argument in given)


def _paths(wait: Wait) -> tuple[str, ...]:
    """Return the beginnings of the paths that what is computed is read from."""
    made = [v.call for v in ancestors(wait.values) if is_read(v) and v.call is not None]
    paths = [_text(argument).partition("*")[0] for call in made for argument in call.args]
    return tuple(path for path in paths if path)


def _text(node: ast.expr) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else ""

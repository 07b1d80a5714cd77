"""Whether the value of a statement is shown below the cell, and so kept by IPython."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from dask_lens.record.cell import Cell
from dask_lens.source.cell import ParsedCell


def is_script(cells: Sequence[Cell]) -> bool:
    """Whether cells are a script's and no notebook's: nothing is shown below them."""
    return all(
        cell.cell_id is None and cell.execution_count is None and cell.index is None
        for cell in cells
    )


def is_shown(cell: Cell, parsed: ParsedCell, statement: ast.stmt) -> bool:
    """Whether IPython shows what a statement gives, which it then keeps in ``Out``.

    Parameters
    ----------
    cell
        The cell. One of no notebook is a script, where nothing is shown.
    parsed
        The same, parsed.
    statement
        A statement in it.
    """
    if is_script((cell,)) or not parsed.tree.body or statement is not parsed.tree.body[-1]:
        return False
    # A semicolon at the end keeps IPython from showing the value, and from keeping it.
    line = parsed.lines[(statement.end_lineno or statement.lineno) - 1]
    rest = line.encode()[statement.end_col_offset or 0 :].decode(errors="replace")
    return isinstance(statement, ast.Expr) and not rest.partition("#")[0].strip().startswith(";")

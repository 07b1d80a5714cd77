"""Which parts of a cell cannot both run."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from dask_lens.source.cell import ParsedCell

_LEAVING = (ast.Return, ast.Raise, ast.Break, ast.Continue)


def either_or(cell: ParsedCell, one: ast.AST, other: ast.AST) -> bool:
    """Whether of two parts of a cell only one runs: they are in two branches, or one leaves.

    Parameters
    ----------
    cell
        The cell.
    one, other
        Expressions or statements in it, in the order of the text.
    """
    around = {other, *cell.parents(other)}
    child: ast.AST = one
    for parent in cell.parents(one):
        arms = _arms(parent)
        mine = next((arm for arm in arms if any(child is part for part in arm)), None)
        if mine is not None:
            if any(part in around for arm in arms if arm is not mine for part in arm):
                return True
            if parent not in around and isinstance(mine[-1], _LEAVING):
                return True
        child = parent
    return False


def _arms(node: ast.AST) -> list[Sequence[ast.AST]]:
    """Return the branches of which one runs."""
    if isinstance(node, ast.If):
        return [arm for arm in (node.body, node.orelse) if arm]
    if isinstance(node, ast.IfExp):
        return [[node.body], [node.orelse]]
    if isinstance(node, ast.Match):
        return [case.body for case in node.cases]
    return []

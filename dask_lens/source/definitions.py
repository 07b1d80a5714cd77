"""Where a name that is bound once gets its value."""

from __future__ import annotations

import ast
import functools

from dask_lens.source.cell import ParsedCell
from dask_lens.source.program import Program

_NAMED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_REDEFINES = (ast.Global, ast.Nonlocal)


def definition(program: Program, node: ast.expr) -> tuple[int, ast.expr] | None:
    """Return the cell and the expression that a name stands for; None where it may be another.

    Parameters
    ----------
    program
        The cells.
    node
        The name. It has to be bound by one plain assignment in all the cells.
    """
    if not isinstance(node, ast.Name):
        return None
    found: list[tuple[int, ast.expr | None]] = []
    for number, cell in enumerate(program.cells):
        if node.id in cell.names:
            found += [(number, value) for value in _bound(cell).get(node.id, ())]
    if len(found) != 1 or found[0][1] is None:
        return None
    return found[0][0], found[0][1]


def uses(program: Program, name: str) -> list[tuple[int, ast.Name]]:
    """Return every place where a name is read, with its cell.

    Parameters
    ----------
    program
        The cells.
    name
        The name.
    """
    return [
        (number, node)
        for number, cell in enumerate(program.cells)
        if name in cell.names
        for node in ast.walk(cell.tree)
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)
    ]


@functools.lru_cache(maxsize=512)
def _bound(cell: ParsedCell) -> dict[str, list[ast.expr | None]]:
    """Return what each name of a cell is bound to; None for what is no plain assignment."""
    found: dict[str, list[ast.expr | None]] = {}
    plain: set[ast.AST] = set()
    for node in ast.walk(cell.tree):
        names: list[str] = []
        value = None
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]
            if isinstance(target, ast.Name):
                plain.add(target)
                names, value = [target.id], node.value
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names = [] if node in plain else [node.id]
        elif isinstance(node, _NAMED):
            names = [node.name]
        elif isinstance(node, ast.arg):
            names = [node.arg]
        elif isinstance(node, ast.alias):
            names = [node.asname or node.name.partition(".")[0]]
        elif isinstance(node, _REDEFINES):
            names = node.names
        for name in names:
            found.setdefault(name, []).append(value)
    return found

"""The loops around a piece of code, and what each of their passes binds."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dask_lens.source.cell import ParsedCell
from dask_lens.source.loops import COMPREHENSIONS, LoopNode, loop_around


def loops(cell: ParsedCell, node: ast.AST) -> Iterator[LoopNode]:
    """Yield the loops that repeat ``node`` in its function, from the inside out.

    Parameters
    ----------
    cell
        The cell.
    node
        An expression or statement in it.
    """
    loop = loop_around(cell, node)
    while loop is not None:
        yield loop
        loop = loop_around(cell, loop)


def bound_in(loop: LoopNode) -> set[str]:
    """Return the names that a pass of a loop binds."""
    targets: list[ast.AST]
    if isinstance(loop, COMPREHENSIONS):
        targets = [generator.target for generator in loop.generators]
    elif isinstance(loop, ast.While):
        targets = list(loop.body)
    else:
        targets = [loop.target, *loop.body]
    return {
        child.id
        for target in targets
        for child in ast.walk(target)
        if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store)
    }

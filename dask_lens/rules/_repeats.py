"""Whether a piece of code runs more than once each time its cell or function runs."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TypeAlias

from dask_lens.source.cell import ParsedCell

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)

Loop: TypeAlias = (
    "ast.For | ast.AsyncFor | ast.While | ast.ListComp | ast.SetComp | ast.DictComp"
    " | ast.GeneratorExp"
)


def loops(cell: ParsedCell, node: ast.AST) -> Iterator[Loop]:
    """Yield the loops and comprehensions that repeat ``node``, from the inside out.

    Those outside the function that ``node`` stands in are left out.

    Parameters
    ----------
    cell
        The cell.
    node
        An expression or statement in it.
    """
    inner = node
    for outer in cell.parents(node):
        if isinstance(outer, _FUNCTIONS):
            return
        if isinstance(outer, (ast.For, ast.AsyncFor)) and inner not in (outer.iter, outer.target):
            if inner not in outer.orelse:
                yield outer
        elif isinstance(outer, ast.While) and inner not in outer.orelse:
            yield outer
        elif isinstance(outer, _COMPREHENSIONS):
            first = outer.generators[0]
            if inner is not first or not _within(first.iter, node):
                yield outer
        inner = outer


def bound_in(loop: Loop) -> set[str]:
    """Return the names that a pass of a loop binds."""
    targets: list[ast.AST]
    if isinstance(loop, _COMPREHENSIONS):
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


def _within(outer: ast.AST, node: ast.AST) -> bool:
    return any(child is node for child in ast.walk(outer))

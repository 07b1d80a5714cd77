"""The names that a function, or a whole cell, takes from around it."""

from __future__ import annotations

import ast
import functools

from dask_lens.source.values import FunctionNode

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@functools.lru_cache(maxsize=2048)
def free_names(node: FunctionNode) -> tuple[str, ...]:
    """Return the names that a function, or what is defined in it, takes from around it.

    Parameters
    ----------
    node
        Its definition.
    """
    return tuple(sorted(from_around(node)))


def from_around(node: ast.AST) -> set[str]:
    """Return the names that any piece of code uses and does not bind.

    Parameters
    ----------
    node
        Its tree; names that it binds anywhere count as its own everywhere in it.
    """
    read: set[str] = set()
    bound: set[str] = set()
    outer: set[str] = set()
    for child in ast.iter_child_nodes(node):
        _visit(child, read, bound, outer)
    return (read - bound) | outer


def declared(node: ast.AST) -> list[str]:
    """Return the names that a tree declares to be those of its surroundings."""
    return [
        name
        for part in ast.walk(node)
        if isinstance(part, (ast.Global, ast.Nonlocal))
        for name in part.names
    ]


def _visit(node: ast.AST, read: set[str], bound: set[str], outer: set[str]) -> None:
    if isinstance(node, ast.Name):
        (read if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        return
    if isinstance(node, ast.arg):
        bound.add(node.arg)
    elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
        bound.add(node.name)
    elif isinstance(node, ast.Global):
        outer.update(node.names)
    elif isinstance(node, ast.alias):
        bound.add((node.asname or node.name).partition(".")[0])
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        bound.add(node.name)
    if isinstance(node, (*_FUNCTIONS, *_COMPREHENSIONS)):
        read |= from_around(node)
        return
    for child in ast.iter_child_nodes(node):
        _visit(child, read, bound, outer)

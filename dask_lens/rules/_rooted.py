"""The name from which a chain of methods begins."""

from __future__ import annotations

import ast

from dask_lens.source import methods
from dask_lens.source.waits import Wait
from dask_lens.source.words import words

#: What tables, and little else, are asked, of whatever columns.
_CHOOSE = words("groupby nlargest nsmallest sort_values drop_duplicates")


def _is_coordinate(lazy: ast.AST) -> bool:
    """Whether a chain goes through a coordinate, whose values are in memory."""
    return any(
        (isinstance(node, ast.Attribute) and node.attr == "coords")
        or (
            isinstance(node, ast.Subscript)
            and isinstance(node.slice, ast.Name)
            and len(node.slice.id) > 1  # a name of one letter may hold anything
            and methods.is_coordinate(node.slice.id)
        )
        for node in ast.walk(lazy)
    )


def root_name(wait: Wait) -> str:
    """Return the name from which a chain of methods with constant arguments begins.

    Parameters
    ----------
    wait
        What computes the end of the chain.
    """
    node: ast.AST | None = wait.lazies[0] if len(wait.lazies) == 1 else None
    if node is not None and _is_coordinate(node):
        return ""
    while node is not None and not isinstance(node, ast.Name):
        if isinstance(node, ast.Call):
            given = [*node.args, *(keyword.value for keyword in node.keywords)]
            plain = all(_is_constant(argument) for argument in given)
            func = node.func
            asked = isinstance(func, ast.Attribute) and (plain or _is_of_tables(node, func.attr))
            node = func if asked else None
        elif isinstance(node, (ast.Attribute, ast.Subscript)):
            node = node.value
        else:
            node = None
    return node.id if isinstance(node, ast.Name) else ""


def _is_of_tables(node: ast.Call, method: str) -> bool:
    return method in _CHOOSE or any(keyword.arg == "meta" for keyword in node.keywords)


def _is_constant(node: ast.expr) -> bool:
    if isinstance(node, (ast.List, ast.Tuple)):
        return all(map(_is_constant, node.elts))
    return isinstance(node, ast.Constant)

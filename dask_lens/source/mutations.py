"""Which names' objects a statement changes in place."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dask_lens.source.words import words

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)

#: Methods that change their object; read as such where their value is not used.
_CHANGES = words(
    "add append clear discard extend fill insert itemset partition pop popitem remove resize "
    "reverse setdefault sort update"
)
#: Those of them whose value is used often.
_TAKES = words("pop popitem setdefault")


def root(node: ast.AST) -> str | None:
    """Return the name that ``a.b[0].c`` starts from; None where it is no such chain."""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def changed_names(statement: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Yield the names whose objects a statement changes in place, with the node that does.

    What stands in functions that it defines is left out, and ``x += 1`` too, which changes
    numbers by giving the name another one.

    Parameters
    ----------
    statement
        A statement or expression.
    """
    waiting = [statement]
    while waiting:
        node = waiting.pop(0)
        yield from _changed_by(node)
        inner = [] if isinstance(node, _FUNCTIONS) else list(ast.iter_child_nodes(node))
        waiting = [*(n for n in inner if not isinstance(n, _FUNCTIONS)), *waiting]


def _changed_by(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node, (ast.Attribute, ast.Subscript)):
        name = root(node)
        if name is not None and not isinstance(node.ctx, ast.Load):
            yield name, node
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        name = _method_root(node.value, _CHANGES)
        if name is not None and not _counts(node.value):
            yield name, node.value
    elif isinstance(node, ast.Call):
        yield from _changed_by_call(node)


def _changed_by_call(node: ast.Call) -> Iterator[tuple[str, ast.AST]]:
    for keyword in node.keywords:
        constant = isinstance(keyword.value, ast.Constant) and keyword.value.value is True
        if keyword.arg == "inplace" and constant and isinstance(node.func, ast.Attribute):
            name = root(node.func)
            if name is not None:
                yield name, node
        if keyword.arg == "out" and isinstance(keyword.value, ast.Name):
            yield keyword.value.id, node
    name = _method_root(node, _TAKES)
    if name is not None:
        yield name, node
    first = node.args[0] if node.args else None
    shuffles = isinstance(node.func, ast.Attribute) and node.func.attr == "shuffle"
    if shuffles and isinstance(first, ast.Name):
        yield first.id, node


def _method_root(node: ast.Call, methods: frozenset[str]) -> str | None:
    if isinstance(node.func, ast.Attribute) and node.func.attr in methods:
        return root(node.func)
    return None


def _counts(node: ast.Call) -> bool:
    """Whether a call only counts on, as ``bar.update(1)`` of a progress bar does."""
    method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    if method != "update" or node.keywords:
        return False
    return not node.args or (len(node.args) == 1 and isinstance(node.args[0], ast.Constant))

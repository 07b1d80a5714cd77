"""Functions that a decorator makes lazy, and where they are used."""

from __future__ import annotations

import ast
import functools

import libcst as cst

from dask_lens.rewrites._codemod import Codemod
from dask_lens.source import api
from dask_lens.source.program import Program
from dask_lens.source.values import Function


def decorator_of(program: Program, function: Function) -> ast.expr | None:
    """Return the decorator that makes a function lazy; None where there is none.

    Parameters
    ----------
    program
        The cells.
    function
        A function.
    """
    if isinstance(function.node, ast.Lambda):
        return None
    for decorator in function.node.decorator_list:
        named = decorator.func if isinstance(decorator, ast.Call) else decorator
        if _is_delayed(program, named):
            return decorator
    return None


def drop_decorator(
    program: Program, codemod: Codemod, function: Function, decorator: ast.expr
) -> bool:
    """Remove a decorator; False where it is not found in the text."""
    place = program.place(function.cell, decorator)
    for node in codemod.nodes(cst.FunctionDef):
        for position, found in enumerate(node.decorators):
            if codemod.at(type(found.decorator), place) is found.decorator:
                codemod.change(node, functools.partial(_without, position=position))
                return True
    return False


def loads(program: Program, name: str) -> list[ast.Name]:
    """Return every place in the cells where a name is read."""
    return [
        node
        for cell in program.cells
        for node in ast.walk(cell.tree)
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)
    ]


def _without(node: cst.FunctionDef, *, position: int) -> cst.FunctionDef:
    dropped = node.decorators[position]
    kept = [*node.decorators[:position], *node.decorators[position + 1 :]]
    lines = list(dropped.leading_lines)
    if position < len(kept):
        following = kept[position]
        lines += following.leading_lines
        kept[position] = following.with_changes(leading_lines=lines)
        return node.with_changes(decorators=kept)
    after = [*lines, *node.lines_after_decorators]
    if kept:
        return node.with_changes(decorators=kept, lines_after_decorators=after)
    # Without decorators, the comments above the function are its own leading lines.
    return node.with_changes(
        decorators=kept, leading_lines=[*node.leading_lines, *after], lines_after_decorators=[]
    )


def _is_delayed(program: Program, node: ast.expr) -> bool:
    """Whether an expression, a name or a dotted one, means ``dask.delayed``."""
    if isinstance(node, ast.Name):
        value = program.scope.names.get(node.id)
        return value is not None and value.kind == "name" and value.name == api.DELAYED
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        value = program.scope.names.get(node.value.id)
        full = f"{value.name}.{node.attr}" if value is not None and value.kind == "name" else ""
        return api.canonical(full) == api.DELAYED
    return False

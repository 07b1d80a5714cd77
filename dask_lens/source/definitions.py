"""Where a name that is bound once gets its value."""

from __future__ import annotations

import ast
import functools

from dask_lens.source.cell import ParsedCell
from dask_lens.source.program import Program

_NAMED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_REDEFINES = (ast.Global, ast.Nonlocal)


def definition(program: Program, node: ast.expr) -> tuple[int, ast.expr] | None:
    """Return the cell and the expression that a name stands for; None where it may be another.

    Parameters
    ----------
    program
        The cells.
    node
        The name. It has to be bound by one plain assignment in all the cells, or in the
        function whose own it is, or, where it stands at the top level, by several there: the
        last before it counts.
    """
    if not isinstance(node, ast.Name):
        return None
    bound, own = _everywhere(program)
    found = bound.get(node.id, ())
    functions = own.get(node.id, ())
    for number, parsed in enumerate(program.cells):
        inner = next((parent for parent in parsed.parents(node) if parent in functions), None)
        if inner is not None:
            own_value = _bound_in(inner, node.id)
            return None if own_value is None else (number, own_value)
    if len(found) != 1:
        return _latest(program, node, found) if len(found) > 1 else None
    cell, value = found[0]
    return (cell, value) if value is not None else None


@functools.lru_cache(maxsize=2048)
def _bound_in(function: ast.AST, name: str) -> ast.expr | None:
    """Return what a function binds a name of its own to, once and by a plain assignment."""
    values: list[ast.expr | None] = []
    plain: set[ast.AST] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]
            if isinstance(target, ast.Name) and target.id == name:
                plain.add(target)
                values.append(node.value)
        elif isinstance(node, ast.Name) and node.id == name:
            if not isinstance(node.ctx, ast.Load) and node not in plain:
                values.append(None)
        elif name in _given_by(node):
            values.append(None)
    return values[0] if len(values) == 1 else None


def _given_by(node: ast.AST) -> tuple[str | None, ...]:
    """Return the names that a node, other than a name, gives a meaning."""
    if isinstance(node, ast.arg):
        return (node.arg,)
    if isinstance(node, ast.alias):
        return (node.asname or node.name.partition(".")[0],)
    return (node.name,) if isinstance(node, (*_NAMED, ast.ExceptHandler)) else ()


def _latest(
    program: Program, node: ast.Name, found: list[tuple[int, ast.expr | None]]
) -> tuple[int, ast.expr] | None:
    """Return the last of several assignments before a name, all of them at the top level."""
    here = next((n for n, cell in enumerate(program.cells) if cell.statement(node)), None)
    if here is None or program.cells[here].statement(node) not in program.cells[here].tree.body:
        return None
    last = None
    for cell, value in found:
        if cell > here:
            continue
        parsed = program.cells[cell]
        if value is None or parsed.statement(value) not in parsed.tree.body:
            return None
        if cell < here or value.lineno < node.lineno:
            last = cell, value
    return last


@functools.lru_cache(maxsize=8)
def _everywhere(
    program: Program,
) -> tuple[dict[str, list[tuple[int, ast.expr | None]]], dict[str, set[ast.AST]]]:
    """Return :func:`_bound` of all cells, with the number of the cell where something is bound."""
    found: dict[str, list[tuple[int, ast.expr | None]]] = {}
    owned: dict[str, set[ast.AST]] = {}
    for number, cell in enumerate(program.cells):
        bound, own = _bound(cell)
        for name, values in bound.items():
            found.setdefault(name, []).extend((number, value) for value in values)
        for name, functions in own.items():
            owned.setdefault(name, set()).update(functions)
    return found, owned


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


@functools.lru_cache(maxsize=2048)
def _bound(cell: ParsedCell) -> tuple[dict[str, list[ast.expr | None]], dict[str, list[ast.AST]]]:
    """Return what each name of a cell is bound to, and the functions that have it as their own.

    What it is bound to is None for what is no plain assignment.
    """
    found: dict[str, list[ast.expr | None]] = {}
    own, local = _own(cell)
    plain: set[ast.AST] = set()
    for node in ast.walk(cell.tree):
        names: list[str] = []
        value = None
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]
            if isinstance(target, ast.Name) and target not in local:
                plain.add(target)
                names, value = [target.id], node.value
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names = [] if node in plain or node in local else [node.id]
        elif isinstance(node, _NAMED):
            names = [node.name]
        elif isinstance(node, ast.alias):
            names = [node.asname or node.name.partition(".")[0]]
        for name in names:
            found.setdefault(name, []).append(value)
    return found, own


def _own(cell: ParsedCell) -> tuple[dict[str, list[ast.AST]], set[ast.AST]]:
    """Return the functions by the names that are theirs alone, and where they bind them."""
    innermost: dict[ast.AST, tuple[str, ast.AST]] = {}
    for function in ast.walk(cell.tree):
        if not isinstance(function, _FUNCTIONS):
            continue
        parts = list(ast.walk(function))
        outer = {name for part in parts if isinstance(part, _REDEFINES) for name in part.names}
        for part in parts:
            name = part.arg if isinstance(part, ast.arg) else getattr(part, "id", "")
            stored = isinstance(part, ast.arg) or not isinstance(
                getattr(part, "ctx", ast.Load()), ast.Load
            )
            if name and stored and name not in outer:
                innermost[part] = name, function  # functions inside come later
    own: dict[str, list[ast.AST]] = {}
    for name, function in innermost.values():
        own.setdefault(name, []).append(function)
    return own, {*innermost}

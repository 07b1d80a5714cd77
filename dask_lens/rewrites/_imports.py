"""Imports that a rewrite makes needless, or needs."""

from __future__ import annotations

import ast
from typing import Any

import libcst as cst

from dask_lens.rewrites._codemod import Codemod, preceded
from dask_lens.source.program import Program


def uses(program: Program, name: str, without: set[ast.AST]) -> int:
    """Count where a name is read in all cells, leaving out what stands inside some nodes."""
    inside = {child for node in without for child in ast.walk(node)}
    return sum(
        isinstance(node, ast.Name) and node.id == name and node not in inside
        for cell in program.cells
        for node in ast.walk(cell.tree)
    )


def importing(codemod: Codemod, name: str) -> cst.ImportFrom | None:
    """Return the statement of this cell, ``from ... import``, that binds a name."""
    found = [
        node
        for node in codemod.nodes(cst.ImportFrom)
        if not isinstance(node.names, cst.ImportStar)
        and any(_bound(alias) == name for alias in node.names)
    ]
    return found[0] if len(found) == 1 else None


def drop_import(codemod: Codemod, name: str) -> None:
    """Remove a name from the statement of this cell that imports it, if there is one."""
    statement = importing(codemod, name)
    if statement is None:
        return
    codemod.change(statement, lambda node: _without(node, name))
    first, *rest = codemod.module.body
    alone = isinstance(first, cst.SimpleStatementLine) and list(first.body) == [statement]
    if rest and alone and not isinstance(_without(statement, name), cst.ImportFrom):
        # What now stands first in the cell keeps no blank lines above it.
        codemod.change(rest[0], _raised)


def add_import(codemod: Codemod, name: str, beside: str | None, *, instead: bool) -> None:
    """Import a name of ``dask.distributed`` in this cell.

    Parameters
    ----------
    codemod
        The cell.
    name
        The name.
    beside
        A name that is imported from there; None where there is none.
    instead
        Whether ``beside`` is no longer needed.
    """
    statement = importing(codemod, beside) if beside is not None else None
    if statement is not None and beside is not None:
        codemod.change(statement, lambda node: _with(node, name, beside, instead=instead))
        return
    put_first(codemod, f"from dask.distributed import {name}")


def put_first(codemod: Codemod, line: str) -> None:
    """Put a statement before the others of the cell, below what must come first."""
    body = codemod.module.body
    first = next((s for s in body if not _is_preamble(s)), body[-1])
    codemod.change(first, lambda node: preceded(node, [line]))


def name_of(program: Program, codemod: Codemod, qualified: str) -> str | None:
    """Return how a function of distributed is written in this cell, imported where it was not.

    Parameters
    ----------
    program
        The cells.
    codemod
        The cell to change.
    qualified
        Its qualified name, such as ``"distributed.wait"``.

    Returns
    -------
    str or None
        None where its name means something else.
    """
    module, _, last = qualified.rpartition(".")
    for name, value in program.scope.names.items():
        if value is not None and value.kind == "name" and value.name == qualified:
            return name
    for name, value in program.scope.names.items():
        if value is not None and value.kind == "name" and value.name == module:
            return f"{name}.{last}"
    if last in program.names:
        return None
    beside = [
        _bound(statement.names[-1])
        for statement in codemod.nodes(cst.ImportFrom)
        if not isinstance(statement.names, cst.ImportStar) and _is_distributed(statement)
    ]
    add_import(codemod, last, beside[0] if beside else None, instead=False)
    return last


def _is_distributed(statement: cst.ImportFrom) -> bool:
    module = statement.module
    name = cst.Module([]).code_for_node(module) if module is not None else ""
    return not statement.relative and name in ("dask.distributed", "distributed")


def _is_preamble(statement: cst.CSTNode) -> bool:
    """Whether a statement is a docstring or an import from ``__future__``."""
    first = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) else None
    if isinstance(first, cst.ImportFrom):
        return isinstance(first.module, cst.Name) and first.module.value == "__future__"
    return isinstance(first, cst.Expr) and isinstance(first.value, cst.SimpleString)


def _raised(node: Any) -> Any:
    lines = list(node.leading_lines)
    while lines and lines[0].comment is None:
        lines.pop(0)
    return node.with_changes(leading_lines=lines)


def _bound(alias: cst.ImportAlias) -> str:
    return alias.evaluated_alias or alias.evaluated_name


def _without(node: cst.ImportFrom, name: str) -> cst.ImportFrom | cst.RemovalSentinel:
    if isinstance(node.names, cst.ImportStar):
        return node
    kept = [alias for alias in node.names if _bound(alias) != name]
    if not kept:
        return cst.RemoveFromParent()
    if kept[-1] is not node.names[-1]:
        kept[-1] = kept[-1].with_changes(comma=node.names[-1].comma)
    return node.with_changes(names=kept)


def _with(node: cst.ImportFrom, name: str, beside: str, *, instead: bool) -> cst.ImportFrom:
    if isinstance(node.names, cst.ImportStar):
        return node
    names: list[cst.ImportAlias] = []
    for alias in node.names:
        added = cst.ImportAlias(cst.Name(name), comma=alias.comma)
        if _bound(alias) != beside:
            names.append(alias)
        elif instead:
            names.append(added)
        else:
            comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
            names += [alias.with_changes(comma=comma), added]
    return node.with_changes(names=names)

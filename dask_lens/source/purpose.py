"""What code is there for: work of its own, to be imported by others, or tests."""

from __future__ import annotations

import ast
import functools
from collections.abc import Sequence

from dask_lens.source.program import Program

_TESTS = ("pytest.", "unittest.")
_DASKS = ("dask.", "distributed.")
_DEFINES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_KEEPS = (ast.Import, ast.ImportFrom, ast.Pass, *_DEFINES)


@functools.lru_cache(maxsize=8)
def only_defines(program: Program) -> bool:
    """Whether this is a module of a library: it computes nothing until somebody calls it.

    Parameters
    ----------
    program
        The cells; those of a notebook are never one.
    """
    if len(program.cells) != 1:
        return False
    body = program.cells[0].tree.body
    defines = any(isinstance(statement, _DEFINES) for statement in body)
    return defines and _prepares(program, body)


def _prepares(program: Program, body: Sequence[ast.stmt]) -> bool:
    """Whether statements only import, define and set up."""
    for statement in body:
        if isinstance(statement, (ast.If, ast.Try)):
            test = ast.unparse(statement.test) if isinstance(statement, ast.If) else ""
            handlers = [s for h in getattr(statement, "handlers", ()) for s in h.body]
            inner = [*statement.body, *statement.orelse, *handlers]
            inner += getattr(statement, "finalbody", ())
            if "__main__" in test or not _prepares(program, inner):
                return False
        elif isinstance(statement, (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr)):
            if not _is_set_up(program, statement):
                return False
        elif not isinstance(statement, _KEEPS):
            return False
    return True


def _is_set_up(program: Program, statement: ast.stmt) -> bool:
    """Whether a statement gives constants names, or sets other libraries up."""
    for node in ast.walk(statement):
        call = program.by_node.get(node) if isinstance(node, ast.Call) else None
        if call is not None and call.inside is None:
            named = bool(call.name) or not isinstance(statement, ast.Expr)
            if call.callee is not None or not named or call.name.startswith(_DASKS):
                return False
    return True


@functools.lru_cache(maxsize=8)
def is_test(program: Program) -> bool:
    """Whether this is a module of tests, or of what tests share: all of it computes to compare.

    Parameters
    ----------
    program
        The cells. In a notebook, or in a script that does other work as well, only what
        :func:`in_test` tells is a test.
    """
    values = program.scope.names.values()
    names = [f"{v.name}." for v in values if v is not None and v.kind == "name"]
    tools = any(n.startswith(_TESTS) or ".testing." in n or ".tests." in n for n in names)
    return tools and only_defines(program)


@functools.lru_cache(maxsize=8)
def tested_lines(program: Program) -> frozenset[tuple[int, int]]:
    """Return the lines of tests, and of what prepares them, as cell and line.

    Parameters
    ----------
    program
        The cells.
    """
    whole = [(0, program.cells[0].tree)] if is_test(program) else []
    found = [
        (number, node)
        for number, cell in enumerate(program.cells)
        if "test" in cell.source.lower() or "fixture" in cell.source
        for node in ast.walk(cell.tree)
        if _tests(node)
    ]
    parts = [*found, *((n, part) for n, tree in whole for part in tree.body)]
    return frozenset(
        (number, line)
        for number, node in parts
        if (first := getattr(node, "lineno", None)) is not None
        for line in range(first, (getattr(node, "end_lineno", None) or first) + 1)
    )


def in_test(program: Program, cell: int, node: ast.AST) -> bool:
    """Whether an expression stands in a test, in what prepares one, or in what is asserted.

    Parameters
    ----------
    program, cell, node
        The cells, and which of them the expression stands in.
    """
    return any(_tests(parent) for parent in program.cells[cell].parents(node))


def _tests(node: ast.AST) -> bool:
    if isinstance(node, ast.ClassDef):
        cases = any("TestCase" in ast.unparse(base) for base in node.bases)
        return cases or node.name.startswith("Test")
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        fixture = any("fixture" in ast.unparse(d) for d in node.decorator_list)
        return fixture or node.name.startswith("test_")
    return False


def is_asserted(program: Program, cell: int, node: ast.AST) -> bool:
    """Whether an expression is computed only to be compared with what it should be."""
    for parent in program.cells[cell].parents(node):
        if isinstance(parent, ast.Assert):
            return True
        if isinstance(parent, ast.Call):
            func = parent.func
            last = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
            if last.startswith("assert"):
                return True
        if isinstance(parent, ast.stmt):
            return False
    return False

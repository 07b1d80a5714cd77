"""Keep the futures of a loop in a list, and wait for them when it has ended."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._awaiting import has_asynchronous_client
from dask_lens.rewrites._codemod import Codemod, outcome, preceded
from dask_lens.rewrites._dropped import Dropped, dropped_at, wrapped
from dask_lens.rewrites._imports import name_of
from dask_lens.source.program import read

rewrite = Rewrite(__name__, title="Keep the futures and wait for them")

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Collect what the loop submits, or wait for what a line submits at once."""
    program = read(cells)
    dropped = dropped_at(program, place)
    if dropped is None:
        return "no call on this line drops its future"
    loop = _loop(dropped)
    reason = _refuse(dropped, loop)
    if reason is not None:
        return reason
    codemod = Codemod(cells[place.cell].source)
    wait = name_of(program, codemod, "distributed.wait")
    if wait is None:
        return "the name wait means something else in this notebook"
    if loop is None:
        found = dropped.wrap(codemod, lambda value: wrapped(value, wait))
    else:
        kept = _unused("futures", program.names)
        add = "extend" if dropped.call.name == "distributed.Client.map" else "append"
        found = dropped.wrap(codemod, lambda value: wrapped(value, kept, add))
        found = found and _around(codemod, program.place(place.cell, loop), kept, wait)
    return outcome({place.cell: codemod}, "same") if found else "the call could not be found"


def _loop(dropped: Dropped) -> ast.For | ast.While | ast.AsyncFor | None:
    """Return the outermost loop, of the same function, that the statement stands in."""
    found = None
    for node in dropped.parsed.parents(dropped.statement):
        if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            break
        if isinstance(node, (ast.For, ast.While, ast.AsyncFor)):
            found = node
    return found


def _refuse(dropped: Dropped, loop: ast.stmt | None) -> str | None:
    statement, parsed = dropped.statement, dropped.parsed
    around = list(parsed.parents(statement))
    function = next((node for node in around if isinstance(node, _FUNCTIONS)), None)
    if isinstance(function, ast.AsyncFunctionDef) or isinstance(loop, ast.AsyncFor):
        return "in asynchronous code the wait would have to be awaited"
    if has_asynchronous_client(dropped.program):
        return "with an asynchronous client the wait would have to be awaited"
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.GeneratorExp):
        return "a generator submits nothing before it is read"
    if loop is None:
        if isinstance(statement, ast.Assign):
            return "the future has a name, but the function ends before the task does"
        several = statement.value is not dropped.call.node or dropped.call.name.endswith(".map")
        return None if several else "it stands in no loop: there is one future to keep"
    if isinstance(loop, ast.While) and _is_endless(loop):
        return "the loop does not end by itself, so there is no time to wait"
    if isinstance(statement, ast.Assign):
        return _refuse_name(dropped, statement, function)
    return None


def _refuse_name(dropped: Dropped, statement: ast.Assign, function: ast.AST | None) -> str | None:
    """Say why the name that the loop gives its last future cannot go."""
    name = ast.unparse(statement.targets[0])
    whole = [cell.tree for cell in dropped.program.cells] if function is None else [function]
    for tree in whole:
        for node in ast.walk(tree):
            read = isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
            if read and isinstance(node, ast.Name) and node.id == name:
                return f"the name {name} is read elsewhere"
    return None


def _is_endless(loop: ast.While) -> bool:
    constant = isinstance(loop.test, ast.Constant) and bool(loop.test.value)
    return constant and not any(isinstance(node, ast.Break) for node in ast.walk(loop))


def _around(codemod: Codemod, place: Place, kept: str, wait: str) -> bool:
    """Make the list before a loop, and wait for what is in it afterwards."""
    loop = codemod.statement(place)
    if loop is None:
        return False

    def surrounded(node: cst.BaseCompoundStatement) -> cst.FlattenSentinel[cst.CSTNode]:
        before = preceded(node, [f"{kept} = []"])
        return cst.FlattenSentinel([*before, cst.parse_statement(f"{wait}({kept})")])

    codemod.change(loop, surrounded)
    return True


def _unused(name: str, taken: frozenset[str]) -> str:
    candidates = (name, f"dask_{name}", *(f"{name}_{n}" for n in range(2, 1000)))
    return next(candidate for candidate in candidates if candidate not in taken)

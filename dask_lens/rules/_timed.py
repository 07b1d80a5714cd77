"""The parts of cells that are timed, by a clock or by a magic."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dask_lens.source.program import Program
from dask_lens.source.timing import CLOCKS

_CELL = re.compile(r"\s*%%(time|timeit)\b")
_LINE = re.compile(r"(?:^|=)\s*%(time|timeit)\b")


@dataclass(frozen=True)
class Timed:
    """Statements that are timed together.

    Parameters
    ----------
    cell
        Index of their cell.
    body
        The statements.
    what
        What takes the time, in words.
    """

    cell: int
    body: Sequence[ast.stmt]
    what: str


def timed_parts(program: Program) -> Iterator[Timed]:
    """Yield what is timed, in the order of the text.

    Parameters
    ----------
    program
        The cells.
    """
    for number, cell in enumerate(program.cells):
        if "time" not in cell.source:
            continue
        first = next((line for line in cell.lines if line.strip()), "")
        if _CELL.match(first):
            yield Timed(number, cell.tree.body, "the cell")
            continue
        for statement in cell.tree.body:
            line = cell.lines[statement.lineno - 1] if statement.lineno <= len(cell.lines) else ""
            if _LINE.search(line):
                kept = statement.body if isinstance(statement, ast.If) else [statement]
                yield Timed(number, kept, "the line")
        clocks = _clocks(program, number)
        for block in _blocks(cell.tree) if clocks else ():
            yield from _between_clocks(number, block, clocks)


def _blocks(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list) and block:
                yield block


def _clocks(program: Program, cell: int) -> set[ast.AST]:
    """Return the calls of a cell that read a clock, with all that they stand in."""
    calls = (call for name in CLOCKS for call in program.by_name.get(name, ()))
    nodes = [call.node for call in calls if call.cell == cell]
    return {part for node in nodes for part in (node, *program.cells[cell].parents(node))}


def _between_clocks(cell: int, block: Sequence[ast.stmt], clocks: set[ast.AST]) -> Iterator[Timed]:
    simple = (ast.Assign, ast.Expr, ast.AugAssign, ast.AnnAssign, ast.Return)
    start: int | None = None
    for number, statement in enumerate(block):
        if statement not in clocks or not isinstance(statement, simple):
            continue
        if start is not None and number > start + 1:
            yield Timed(cell, block[start + 1 : number], "this")
        start = number if isinstance(statement, ast.Assign) else None

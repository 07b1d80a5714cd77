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
        for block in _blocks(cell.tree):
            yield from _between_clocks(program, number, block)


def _blocks(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list) and block:
                yield block


def _between_clocks(program: Program, cell: int, block: Sequence[ast.stmt]) -> Iterator[Timed]:
    start: int | None = None
    for number, statement in enumerate(block):
        if not _reads_clock(program, statement):
            continue
        if start is not None and number > start + 1:
            yield Timed(cell, block[start + 1 : number], "this")
        start = number if isinstance(statement, ast.Assign) else None


def _reads_clock(program: Program, statement: ast.stmt) -> bool:
    simple = (ast.Assign, ast.Expr, ast.AugAssign, ast.AnnAssign, ast.Return)
    if not isinstance(statement, simple):
        return False
    calls = (program.by_node.get(n) for n in ast.walk(statement) if isinstance(n, ast.Call))
    return any(call is not None and call.name in CLOCKS for call in calls)

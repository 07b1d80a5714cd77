"""Let a setting hold for the rest of its cell only: ``with dask.config.set(...):``."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._codemod import Codemod, Statement, outcome, without_blanks
from dask_lens.source.program import read

rewrite = Rewrite(
    __name__,
    title="Let the setting end with this cell (with)",
    effect="which scheduler the calls will use then, this run does not tell",
)


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Make a ``with`` block of the statement and those that follow it in the cell."""
    program = read(cells)
    parsed = program.cells[place.cell]
    body = parsed.tree.body
    number = next((n for n, s in enumerate(body) if s.lineno == place.line), None)
    if number is None or not isinstance(body[number], ast.Expr):
        return "the setting is not a statement of its own"
    following = body[number + 1 :]
    if not following:
        return "nothing follows the setting in its cell"
    if body[number].end_lineno == following[0].lineno:
        return "another statement stands on the same line"
    codemod = Codemod(cells[place.cell].source)
    lines = [codemod.statement(parsed.place(place.cell, s)) for s in body[number:]]
    first, *rest = [line for line in dict.fromkeys(lines) if line is not None]
    if not isinstance(first, cst.SimpleStatementLine) or None in lines[1:2]:
        return "the statements could not be found in the text"
    codemod.change(first, lambda node: _block(node, rest))
    for line in rest:
        codemod.change(line, lambda _: cst.RemoveFromParent())
    return outcome({place.cell: codemod}, "same")


def _block(node: cst.SimpleStatementLine, rest: Sequence[Statement]) -> cst.With:
    expression = node.body[0]
    if not isinstance(expression, cst.Expr):
        raise TypeError("a setting is an expression")
    return cst.With(
        items=[cst.WithItem(expression.value)],
        body=cst.IndentedBlock([without_blanks(line) for line in rest]).with_changes(
            header=node.trailing_whitespace
        ),
        leading_lines=node.leading_lines,
    )

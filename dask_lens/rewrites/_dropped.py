"""Calls whose futures are dropped, as the rewrites see them."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass

import libcst as cst

from dask_lens.record.cell import Place
from dask_lens.rewrites._codemod import Codemod
from dask_lens.source.calls import Call
from dask_lens.source.cell import ParsedCell
from dask_lens.source.program import Program

#: Methods of a client that give futures, or collections that hold them.
SENDS = tuple(f"distributed.Client.{name}" for name in ("submit", "map", "compute", "persist"))

Wrap = Callable[[cst.BaseExpression], cst.BaseExpression]


@dataclass(frozen=True)
class Dropped:
    """A statement that asks for work and keeps no future.

    Parameters
    ----------
    program
        The cells.
    call
        The call that sends the work.
    statement
        Its statement: the call alone, a list of such calls, or a name that is given to it.
    """

    program: Program
    call: Call
    statement: ast.Expr | ast.Assign

    @property
    def parsed(self) -> ParsedCell:
        """The cell."""
        return self.program.cells[self.call.cell]

    def wrap(self, codemod: Codemod, wrap: Wrap) -> bool:
        """Put something around what the statement gives; False where it is not found."""
        place = self.program.place(self.call.cell, self.statement)
        if isinstance(self.statement, ast.Assign):
            assignment = codemod.at(cst.Assign, place)
            if assignment is None:
                return False
            codemod.change(assignment, lambda node: cst.Expr(wrap(node.value)))
            return True
        kind = type(self.statement.value).__name__
        value = codemod.at(getattr(cst, kind), place)
        if value is None:
            return False
        codemod.change(value, wrap)
        return True


def dropped_at(program: Program, place: Place) -> Dropped | None:
    """Return what sends work and keeps no future on the line of ``place``."""
    for name in SENDS:
        for call in program.by_name.get(name, ()):
            if call.cell != place.cell or call.node.lineno != place.line:
                continue
            cell = program.cells[call.cell]
            statement = cell.statement(call.node)
            if isinstance(statement, ast.Expr) and _gives(statement.value, call.node):
                return Dropped(program, call, statement)
            if isinstance(statement, ast.Assign) and statement.value is call.node:
                return Dropped(program, call, statement)
    return None


def wrapped(value: cst.BaseExpression, *names: str) -> cst.Call:
    """Return a call of a dotted name with one argument."""
    return cst.Call(cst.parse_expression(".".join(names)), [cst.Arg(value)])


def _gives(value: ast.expr, call: ast.Call) -> bool:
    if isinstance(value, (ast.ListComp, ast.SetComp, ast.GeneratorExp)):
        return value.elt is call
    return value is call

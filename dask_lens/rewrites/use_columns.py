"""Say what a lambda works out of each row in operations on whole columns."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any, cast

import libcst as cst
import libcst.matchers as m

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.source.calls import Call
from dask_lens.source.program import read
from dask_lens.source.words import words

rewrite = Rewrite(__name__, title="Use whole columns")

#: What means the same of numbers and of columns of them.
_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.USub)
_COMPARES = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE)
#: Attributes of a row, or of a table, that may be something else than a column.
_NO_COLUMNS = words(
    "T abs add all any apply at attrs axes columns copy corr count cov cumsum describe diff div "
    "divisions dot dtype dtypes empty eq first flags floordiv ge get gt hist iat iloc index info "
    "isin isna isnull item items keys last le loc lt map mask max mean median memory_usage min "
    "mod mode mul name nbytes ndim ne npartitions partitions pipe plot pop pow prod product "
    "quantile radd rank rename rolling round sample sem set_index shape shift size skew sparse "
    "squeeze stack std str sub sum swaplevel tail take to_list truediv unique unstack update "
    "value_counts values var where"
)
#: Where an operation needs no brackets.
_AROUND = (ast.Assign, ast.AnnAssign, ast.Expr, ast.Return, ast.keyword, ast.List, ast.Lambda)


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Put the operation of the lambda at ``place`` in the place of the call of ``apply``."""
    program = read(cells)
    found = [
        call
        for call in program.calls
        if call.cell == place.cell and call.node.lineno == place.line and _is_apply(call)
    ]
    if not found:
        return "no function is applied to rows on this line"
    call = next((c for c in found if program.place(c.cell, c.node) == place), found[0])
    function = call.node.args[0] if call.node.args else None
    if not isinstance(function, ast.Lambda):
        return "the function is no lambda: say it in operations on columns, by hand"
    if any(keyword.arg not in ("axis", "meta") for keyword in call.node.keywords):
        return "apply is told more than which axis it is"
    row, table = _parameter(function), _table(call)
    if row is None or table is None or not _is_arithmetic(function.body, row):
        return "the lambda does more than arithmetic with columns"
    codemod = Codemod(cells[place.cell].source)
    node = codemod.at(cst.Call, program.place(call.cell, call.node))
    parent = next(program.cells[call.cell].parents(call.node), None)
    if node is None:
        return "the call could not be found in the text"
    bare = (
        isinstance(parent, (*_AROUND, ast.Call)) and getattr(parent, "func", None) is not call.node
    )
    codemod.change(node, lambda made: _said(made, row, table, bare=bare))
    return outcome({place.cell: codemod}, "ask")


def _is_apply(call: Call) -> bool:
    func = call.node.func
    return isinstance(func, ast.Attribute) and func.attr == "apply"


def _parameter(function: ast.Lambda) -> str | None:
    """Return the one parameter of a lambda."""
    arguments = function.args
    plain = not (arguments.posonlyargs or arguments.kwonlyargs or arguments.vararg)
    return arguments.args[0].arg if plain and len(arguments.args) == 1 else None


def _table(call: Call) -> str | None:
    """Return the name of the table, or the attributes by which it is reached."""
    table = call.node.func.value if isinstance(call.node.func, ast.Attribute) else None
    written = ast.unparse(table) if table is not None else ""
    return written if written.replace(".", "").isidentifier() else None


def _is_arithmetic(node: ast.expr, row: str) -> bool:
    """Whether an expression is one operation or more on columns and numbers."""
    return not isinstance(node, ast.Constant) and _is_part(node, row)


def _is_part(node: ast.expr, row: str) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, (int, float, str))
    if isinstance(node, ast.BinOp):
        sides = (node.left, node.right)
        return isinstance(node.op, _OPERATORS) and all(_is_part(s, row) for s in sides)
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, _OPERATORS) and _is_part(node.operand, row)
    if isinstance(node, ast.Compare):
        one = len(node.ops) == 1 and isinstance(node.ops[0], _COMPARES)
        return one and _is_part(node.left, row) and _is_part(node.comparators[0], row)
    if isinstance(node, ast.Subscript):
        named = isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str)
        return named and isinstance(node.value, ast.Name) and node.value.id == row
    if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
        return False
    return node.value.id == row and node.attr not in _NO_COLUMNS and node.attr[0] != "_"


def _said(call: cst.Call, row: str, table: str, *, bare: bool) -> cst.BaseExpression:
    """Return the body of the lambda that a call is given, of the table."""
    body = cst.ensure_type(call.args[0].value, cst.Lambda).body
    # Before a dot, or a bracket, the name is the row's; behind one it is a column's.
    whole = m.Attribute(value=m.Name(row)) | m.Subscript(value=m.Name(row))
    named = cst.parse_expression(table)
    said = cast("Any", m.replace(body, whole, lambda node, _: node.with_changes(value=named)))
    if bare or body.lpar or isinstance(body, (cst.Attribute, cst.Subscript)):
        return cast("cst.BaseExpression", said)
    brackets = {"lpar": [cst.LeftParen()], "rpar": [cst.RightParen()]}
    return cast("cst.BaseExpression", said.with_changes(**brackets))

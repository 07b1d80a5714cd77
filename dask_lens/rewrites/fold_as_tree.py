"""Keep the values of a loop in a list, and put neighbours together until one is left."""

from __future__ import annotations

import ast
import copy
from collections.abc import Mapping
from typing import Any, cast

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.source.folding import Folding, foldings
from dask_lens.source.loops import names_in
from dask_lens.source.passes import stored_names
from dask_lens.source.program import Program, read

rewrite = Rewrite(__name__, title="Put neighbours together, as a tree")

_ONE, _OTHER, _PAIRS = "one", "other", "pairs"


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Make a tree of the chain that the loop around ``place`` makes."""
    program = read(cells)
    found = next(
        (
            f
            for f in foldings(program)
            if f.cell == place.cell and program.place(f.cell, f.node).line == place.line
        ),
        None,
    )
    if found is None:
        return "no loop puts values together on this line: make the tree by hand"
    if found.loop.orelse:
        return "the loop has an else, which may need what has been put together"
    taken = {f"{found.name}_parts", _PAIRS} & program.names
    if taken:
        return f"the name {min(taken)} is taken"
    if {_ONE, _OTHER} & names_in(found.statement):
        return f"the names {_ONE} and {_OTHER} stand for something else here"
    given = found.node.keywords if isinstance(found.node, ast.Call) else []
    changing = names_in(found.loop.target) | stored_names(found.loop.body)
    if any(names_in(keyword) & changing for keyword in given):
        return "what puts them together is given something else from pass to pass"
    codemod = Codemod(cells[place.cell].source)
    if not _collect(program, found, codemod):
        return "the loop could not be found in the text"
    return outcome({place.cell: codemod}, "ask")


def _collect(program: Program, found: Folding, codemod: Codemod) -> bool:
    """Note the changes; return whether what is to be changed was found."""
    place = program.place(found.cell, found.statement)
    statement = codemod.at(cst.Assign, place) or codemod.at(cst.AugAssign, place)
    part = codemod.expression(program.place(found.cell, found.part))
    loop = codemod.statement(program.place(found.cell, found.loop))
    if statement is None or part is None or loop is None:
        return False
    name, parts = found.name, f"{found.name}_parts"
    append = cast("cst.Call", cst.parse_expression(f"{parts}.append(_)"))
    codemod.change(statement, lambda _: cst.Expr(append.with_changes(args=[cst.Arg(part)])))
    before = cst.parse_statement(f"{parts} = [{name}]")
    after = cst.parse_module(
        f"while len({parts}) > 1:\n"
        f"    {_PAIRS} = zip({parts}[::2], {parts}[1::2])\n"
        f"    {parts}[: len({parts}) // 2 * 2] = "
        f"[{_together(found)} for {_ONE}, {_OTHER} in {_PAIRS}]\n"
        f"{name} = {parts}[0]\n"
    ).body
    kept = list(loop.leading_lines)
    codemod.change(
        loop,
        lambda node: cst.FlattenSentinel(
            [
                before.with_changes(leading_lines=kept),
                node.with_changes(leading_lines=[]),
                *after,
            ]
        ),
    )
    return True


def _together(found: Folding) -> str:
    """Return the expression that puts two neighbours together."""
    one, other = ast.Name(_ONE, ast.Load()), ast.Name(_OTHER, ast.Load())
    if isinstance(found.statement, ast.AugAssign):
        return ast.unparse(ast.BinOp(one, found.statement.op, other))
    known = {id(found.part): other}
    known |= {
        id(node): one
        for node in ast.walk(found.node)
        if isinstance(node, ast.Name) and node.id == found.name
    }
    return ast.unparse(copy.deepcopy(found.node, known))

"""Collect parts in a loop, and concatenate them once after it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.source.growing import Growing, growing
from dask_lens.source.program import Program, read

rewrite = Rewrite(__name__, title="Concatenate once, after the loop")


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Turn the concatenation at ``place`` into one after its loop."""
    program = read(cells)
    at = [
        found
        for found in growing(program)
        if found.call.cell == place.cell
        and program.place(found.call.cell, found.call.node).line == place.line
    ]
    if not at:
        return "nothing grows in a loop on this line"
    found = at[0]
    plain = found.statement.value is found.call.node
    if not plain or not any(statement is found.statement for statement in found.loop.body):
        return "the concatenation depends on a condition: collect the parts by hand"
    if found.loop.orelse:
        return "the loop has an else, which may need what has grown"
    parts = f"{found.name}_parts"
    if parts in program.names:
        return f"the name {parts} is taken"
    codemod = Codemod(cells[place.cell].source)
    if not _collect(program, found, codemod, parts):
        return "only two parts, the name first, can be taken apart"
    return outcome({place.cell: codemod}, "ask")


def _collect(program: Program, found: Growing, codemod: Codemod, parts: str) -> bool:
    """Note the changes; return whether the call has the form that can be changed."""
    cell, name = found.call.cell, found.name
    call = codemod.at(cst.Call, program.place(cell, found.call.node))
    loop = codemod.statement(program.place(cell, found.loop))
    assign = codemod.at(cst.Assign, program.place(cell, found.statement))
    if call is None or loop is None or assign is None:
        return False
    given = call.args[0].value
    if not isinstance(given, (cst.List, cst.Tuple)) or len(given.elements) != len("ab"):
        return False
    first, second = (element.value for element in given.elements)
    if not isinstance(first, cst.Name) or first.value != name:
        return False
    if isinstance(given.elements[1], cst.StarredElement):
        return False
    append = cast("cst.Call", cst.parse_expression(f"{parts}.append(_)"))
    added = append.with_changes(args=[cst.Arg(second)])
    codemod.change(assign, lambda _: cst.Expr(added))
    once = call.with_deep_changes(call.args[0], value=cst.Name(parts))
    after = cst.SimpleStatementLine([cst.Assign([cst.AssignTarget(cst.Name(name))], once)])
    before = cst.parse_statement(f"{parts} = [{name}]")
    kept = list(loop.leading_lines)
    codemod.change(
        loop,
        lambda node: cst.FlattenSentinel(
            [
                before.with_changes(leading_lines=kept),
                node.with_changes(leading_lines=[]),
                after,
            ]
        ),
    )
    return True

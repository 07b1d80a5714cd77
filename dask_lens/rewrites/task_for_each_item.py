"""Give a function a list of one item in each task, and put together what they return."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.rewrites._dask_name import delayed_function
from dask_lens.source.item_loops import SUBMIT, ItemLoop, item_loops
from dask_lens.source.loops import names_in
from dask_lens.source.program import Program, read

rewrite = Rewrite(__name__, title="Make a task for each item")


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Make tasks of the items of the list that the task at ``place`` goes through."""
    program = read(cells)
    found = next(
        (
            one
            for one in item_loops(program)
            if one.call.cell == place.cell
            and program.place(one.call.cell, one.call.node).line == place.line
        ),
        None,
    )
    if found is None:
        return "no task on this line goes through a list that it is given"
    if not found.listed and not found.adds_up:
        return "it gives no list of results: call it for each item, and put together what is given"
    used = names_in(found.call.node)
    item = next((name for name in (found.item, "item") if name and name not in used), None)
    if item is None:
        return "the name item stands for something else here"
    if "sum" in program.scope.names:
        return "the name sum stands for something else here"
    codemod = Codemod(cells[place.cell].source)
    call = codemod.at(cst.Call, program.place(place.cell, found.call.node))
    given = codemod.expression(program.place(place.cell, found.given))
    if call is None or given is None:
        return "the call could not be found in the text"
    together = _together(program, found, codemod, call)
    if together is None:
        return "delayed has no name here by which to put the results together"
    one = cst.List([cst.Element(cst.Name(item))])
    each = codemod.module.code_for_node(call.with_deep_changes(_argument(call, given), value=one))
    over = codemod.module.code_for_node(given)
    end = "" if found.adds_up else ", []"
    made = cst.parse_expression(f"{together}[{each} for {item} in {over}]{end})")
    codemod.change(call, lambda _: made)
    return outcome({place.cell: codemod}, "ask")


def _argument(call: cst.Call, given: cst.BaseExpression) -> cst.Arg:
    return next(argument for argument in call.args if argument.value is given)


def _together(program: Program, found: ItemLoop, codemod: Codemod, call: cst.Call) -> str | None:
    """Return the beginning of a lazy call of ``sum``."""
    if found.call.name == SUBMIT:
        client = cst.ensure_type(call.func, cst.Attribute).value
        return f"{codemod.module.code_for_node(client)}.submit(sum, "
    function = delayed_function(program)
    return None if function is None else f"{function}(sum)("

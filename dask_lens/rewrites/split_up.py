"""Make several partitions or chunks where one is made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._arguments import with_keyword
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.source.program import read

rewrite = Rewrite(
    __name__,
    title="Make several partitions",
    effect="how well the work splits up is not known before it has",
)

#: Partitions, where no run has told the number of threads: two for each of four.
_PIECES = 8

#: By what makes the collection: the argument, its position and its new value.
_ARGUMENTS = {
    "dask.dataframe.from_pandas": ("npartitions", 1),
    "dask.bag.from_sequence": ("npartitions", 2),
    "dask.array.from_array": ("chunks", 1),
    "xarray.Dataset.chunk": ("chunks", 0),
    "xarray.DataArray.chunk": ("chunks", 0),
    "xarray.Loaded.chunk": ("chunks", 0),
}


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, arguments: Mapping[str, Any]) -> Change | str:
    """Set ``npartitions`` or ``chunks`` of the call at ``place``."""
    program = read(cells)
    found = [
        call
        for call in program.calls
        if call.cell == place.cell
        and program.place(call.cell, call.node).line == place.line
        and (call.name in _ARGUMENTS or call.keyword("chunks") is not None)
    ]
    if not found:
        return "nothing on this line makes partitions or chunks"
    name, position = _ARGUMENTS.get(found[0].name, ("chunks", len(found[0].node.args)))
    value = str(arguments.get("pieces", _PIECES)) if name == "npartitions" else '"auto"'
    codemod = Codemod(cells[place.cell].source)
    call = codemod.at(cst.Call, program.place(found[0].cell, found[0].node))
    if call is None:
        return "the call could not be found in the text"
    if any(argument.star for argument in call.args):
        return "the call takes arguments from a list or a dict, which may hold the number already"
    given = _given(call, name, position)
    if given is None:
        codemod.change(call, lambda node: with_keyword(node, name, value))
    elif _is_one(given.value, name):
        codemod.change(given.value, lambda _: cst.parse_expression(value))
    else:
        return "it makes several already, as far as the text tells"
    title = None if name == "npartitions" else "Let Dask choose the chunks (128 MiB each)"
    return outcome({place.cell: codemod}, "ask", title)


def _given(call: cst.Call, name: str, position: int) -> cst.Arg | None:
    for number, argument in enumerate(call.args):
        keyword = argument.keyword.value if argument.keyword is not None else None
        if keyword == name or (keyword is None and number == position):
            return argument
    return None


def _is_one(value: cst.BaseExpression, name: str) -> bool:
    if name == "npartitions":
        return isinstance(value, cst.Integer) and value.value == "1"
    return not isinstance(value, (cst.SimpleString, cst.Integer))

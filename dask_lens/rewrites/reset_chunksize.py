"""Set the chunk size in ``dask.config`` to 1, which is what threads do anyway."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.metrics import change
from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.source.program import read

rewrite = Rewrite(
    __name__,
    title="Send tasks one by one everywhere (chunksize=1)",
    effect=change.Change(chunksize=1),
)


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Replace the value at the call of ``dask.config.set``."""
    program = read(cells)
    found = [
        call
        for call in program.by_name.get("dask.config.set", ())
        if call.cell == place.cell and program.place(call.cell, call.node).line == place.line
    ]
    codemod = Codemod(cells[place.cell].source)
    values = []
    for call in found:
        node = codemod.at(cst.Call, program.place(call.cell, call.node))
        values += _values(node) if node is not None else []
    if not values:
        return "no chunksize is written in a call of dask.config.set on this line"
    for value in values:
        codemod.change(value, lambda _: cst.Integer("1"))
    return outcome({place.cell: codemod}, "same")


def _values(call: cst.Call) -> list[cst.BaseExpression]:
    found = []
    for argument in call.args:
        if argument.keyword is not None and argument.keyword.value == "chunksize":
            found.append(argument.value)
        elif argument.keyword is None and isinstance(argument.value, cst.Dict):
            found += [
                element.value
                for element in argument.value.elements
                if isinstance(element, cst.DictElement)
                and isinstance(element.key, cst.SimpleString)
                and element.key.evaluated_value == "chunksize"
            ]
    return found

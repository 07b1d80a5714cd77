"""Submit the plain function in the place of the lazy one."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.rewrites._delayed_uses import decorator_of, drop_decorator, loads
from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.program import Program, read

rewrite = Rewrite(__name__, title="Submit the plain function")

_SENDS = ("distributed.Client.submit", "distributed.Client.map")


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Take the ``delayed`` off the function, where it is used for nothing else."""
    program = read(cells)
    sent = _sent(program)
    call = next(
        (c for c in sent if c.cell == place.cell and c.node.lineno == place.line),
        None,
    )
    if call is None:
        return "no submit or map of a lazy function stands on this line"
    node = call.node.args[0]
    inner = program.by_node.get(node) if isinstance(node, ast.Call) else None
    if inner is not None and inner.name == api.DELAYED and inner.node.args:
        codemod = Codemod(cells[call.cell].source)
        found = codemod.at(cst.Call, program.place(call.cell, inner.node))
        if found is None:
            return "the function could not be found in the text"
        codemod.change(found, lambda updated: updated.args[0].value)
        return outcome({call.cell: codemod}, "ask")
    value = call.arguments[0]
    function = value.function if value is not None else None
    decorator = decorator_of(program, function) if function is not None else None
    if function is None or decorator is None or not isinstance(node, ast.Name):
        return "it is not known which plain function this is"
    first = {id(other.node.args[0]) for other in sent}
    if any(id(name) not in first for name in loads(program, function.name)):
        return f"{function.name} is called lazily elsewhere: give it a plain twin, or compute here"
    codemod = Codemod(cells[function.cell].source)
    if not drop_decorator(program, codemod, function, decorator):
        return "the decorator could not be found in the text"
    return outcome({function.cell: codemod}, "ask")


def _sent(program: Program) -> list[Call]:
    """Return the submits and maps of lazy functions."""
    return [
        call
        for name in _SENDS
        for call in program.by_name.get(name, ())
        if call.arguments
        and call.node.args
        and call.arguments[0] is not None
        and call.arguments[0].is_instance(api.DELAYED_FUNCTION)
    ]

"""Send a future of a collection, in the place of the lazy collection itself."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.definitions import definition
from dask_lens.source.program import Program, read
from dask_lens.source.values import Value, contained

rewrite = Rewrite(__name__, title="Pass a future of it (client.compute)")

_SENDS = ("distributed.Client.submit", "distributed.Client.map")
_LISTS = (ast.List, ast.Tuple, ast.ListComp)


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Put ``client.compute`` around each argument of the call at ``place`` that is lazy."""
    program = read(cells)
    for name in _SENDS:
        for call in program.by_name.get(name, ()):
            given = _lazy(call)
            if call.cell != place.cell or call.node.lineno != place.line or not given:
                continue
            client = ast.unparse(call.node.func).rpartition(".")[0]
            if not client.replace(".", "").isidentifier():
                return "the client has no name by which to call its compute"
            if not all(_is_computed(program, call, node, value) for node, value in given):
                return "it is not known that client.compute takes what holds the collections"
            codemod = Codemod(cells[place.cell].source)
            for node, _value in given:
                found = codemod.expression(program.place(call.cell, node))
                if found is None:
                    return "the argument could not be found in the text"
                codemod.change(found, _computed_by(client))
            return outcome({place.cell: codemod}, "ask")
    return "no submit or map of something lazy stands on this line"


def _computed_by(client: str) -> Any:
    def changed(node: cst.BaseExpression) -> cst.Call:
        return cst.Call(cst.parse_expression(f"{client}.compute"), [cst.Arg(node)])

    return changed


def _lazy(call: Call) -> list[tuple[ast.expr, Value]]:
    pairs = [
        *zip(call.node.args[1:], call.arguments[1:], strict=False),
        *((k.value, call.keywords.get(k.arg)) for k in call.node.keywords if k.arg is not None),
    ]
    return [
        (node, value)
        for node, value in pairs
        if value is not None and contained(value, *api.COLLECTIONS) is not None
    ]


def _is_computed(program: Program, call: Call, node: ast.expr, value: Value) -> bool:
    """Whether ``client.compute`` gives a future for it, or a list of futures for a list."""
    if isinstance(node, ast.Starred):
        return False
    if value.is_instance(*api.COLLECTIONS):
        # What map goes over must stay something to go over.
        return call.name == _SENDS[0] or node not in call.node.args
    known = definition(program, node)
    made = known[1] if known is not None else node
    plain = value.item is not None and value.item.is_instance(*api.COLLECTIONS)
    parts = value.parts is None or all(
        part is not None and part.is_instance(*api.COLLECTIONS) for part in value.parts
    )
    return plain and parts and isinstance(made, _LISTS)

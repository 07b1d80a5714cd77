"""Call a function as it is in the place of ``delayed(function)(...)``."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.program import read
from dask_lens.source.values import contained
from dask_lens.source.words import words

#: Functions that need a value, and not what will give one.
_ASKS = words(
    "builtins.min builtins.max builtins.sorted builtins.any builtins.all "
    "builtins.float builtins.int builtins.bool builtins.range"
)

rewrite = Rewrite(__name__, title="Call the outer function as it is")


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Take the ``delayed`` off the function that is called at ``place``."""
    program = read(cells)
    for call in program.calls:
        made = call.node.func
        inner = program.by_node.get(made) if isinstance(made, ast.Call) else None
        at = call.cell == place.cell and call.node.lineno == place.line
        if at and inner is not None and inner.name == api.DELAYED:
            break
    else:
        return "no call of delayed(function)(...) stands on this line"
    if len(inner.node.args) != 1 or inner.node.keywords:
        return "delayed is given options, which would be lost"
    codemod = Codemod(cells[call.cell].source)
    node = codemod.at(cst.Call, program.place(call.cell, inner.node))
    if node is None:
        return "the call could not be found in the text"
    codemod.change(node, lambda updated: updated.args[0].value)
    change = outcome({call.cell: codemod}, "ask")
    if isinstance(change, Change) and not _may_give_lazy(cells, call, change.texts[call.cell]):
        return "called as it is, the function gives no lazy object: build the graph by hand"
    return change


def _may_give_lazy(cells: tuple[Cell, ...], before: Call, text: str) -> bool:
    """Whether the call, in the new text, is not known to give or to need something else."""
    changed = replace(cells[before.cell], source=text)
    program = read((*cells[: before.cell], changed, *cells[before.cell + 1 :]))
    at = (before.cell, before.node.lineno, before.node.col_offset)
    plain = next((c for c in program.calls if c.position == at and c.callee is not None), None)
    if plain is None:
        return True
    if plain.result is not None and not plain.result.is_instance(api.DELAYED_OBJECT):
        return False
    return not any(
        call.inside == plain.callee
        and call.name in _ASKS
        and any(contained(value, api.DELAYED_OBJECT) is not None for value in call.arguments)
        for call in program.calls
    )

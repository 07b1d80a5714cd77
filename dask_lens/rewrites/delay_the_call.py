"""Give ``delayed`` the function, and its arguments to what ``delayed`` returns."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.source import api
from dask_lens.source.program import read

rewrite = Rewrite(__name__, title="Delay the call: delayed(f)(x)")


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Turn ``delayed(f(x))`` at ``place`` into ``delayed(f)(x)``."""
    program = read(cells)
    for call in program.by_name.get(api.DELAYED, ()):
        if call.cell != place.cell or call.node.lineno != place.line or not call.node.args:
            continue
        inner = call.node.args[0]
        found = program.by_node.get(inner) if isinstance(inner, ast.Call) else None
        if found is None:
            continue
        codemod = Codemod(cells[place.cell].source)
        node = codemod.at(cst.Call, program.place(call.cell, call.node))
        if node is None:
            return "the call could not be found in the text"
        if any(isinstance(part, ast.Await) for part in ast.walk(found.node)):
            return "what is awaited cannot be given to a task"
        if any(
            isinstance(part, ast.Call) and ast.unparse(part.func) == "open"
            for part in ast.walk(found.node)
        ):
            return "a file that is opened here cannot be read by a task: open it in the function"
        codemod.change(node, _turned)
        plain = found.callee is not None and isinstance(found.node.func, ast.Name)
        return outcome({place.cell: codemod}, "same" if plain else "ask")
    return "delayed is not given a call on this line"


def _turned(node: cst.Call) -> cst.Call:
    inner = cst.ensure_type(node.args[0].value, cst.Call)
    function = node.args[0].with_changes(value=inner.func)
    return inner.with_changes(func=node.with_changes(args=[function, *node.args[1:]]))

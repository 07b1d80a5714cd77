"""Release a future in the place of deleting one of its names."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.source.program import read

rewrite = Rewrite(__name__, title="Release the future")


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Make ``future.release()`` of the ``del future`` at ``place``."""
    cell = read(cells).cells[place.cell]
    for node in ast.walk(cell.tree):
        if not isinstance(node, ast.Delete) or node.lineno != place.line:
            continue
        [target, *more] = node.targets
        if more or not isinstance(target, ast.Name):
            return "more than one name is deleted here"
        codemod = Codemod(cells[place.cell].source)
        found = codemod.at(cst.Del, cell.place(place.cell, node))
        if found is None:
            return "the statement could not be found in the text"
        released = cst.Expr(cst.parse_expression(f"{target.id}.release()"))
        codemod.change(found, _with_semicolon(released))
        return outcome({place.cell: codemod}, "ask")
    return "nothing is deleted on this line"


def _with_semicolon(released: cst.Expr) -> Any:
    return lambda old: released.with_changes(semicolon=old.semicolon)

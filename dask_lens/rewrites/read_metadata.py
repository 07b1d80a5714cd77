"""Ask a lazy object what it knows, instead of computing it first."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._after_loop import is_asked_itself, wait_at
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.source import api
from dask_lens.source.lineage import ancestors, made_by
from dask_lens.source.program import Program, read
from dask_lens.source.waits import Wait
from dask_lens.source.words import words

rewrite = Rewrite(__name__, title="Ask the lazy object")

#: Attributes that are known of every collection, with the very same value.
_KNOWN = ("columns", "dims", "dtypes", "dtype", "ndim", "sizes")
#: What makes arrays of which the length comes out of the data.
_CHOOSING = words("argwhere compress extract flatnonzero nonzero unique")


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Leave out the ``compute()`` at ``place``."""
    program = read(cells)
    wait = wait_at(program, place, "compute")
    if wait is None or wait.call is None or wait.call.node.args:
        return "no compute() on this line comes before an attribute"
    if not is_asked_itself(wait):
        return "a client computes it: ask what the client is given, by hand"
    safety = _safety(program, wait)
    if safety is None:
        return "this is not known before the rows are counted"
    codemod = Codemod(cells[place.cell].source)
    node = codemod.at(cst.Call, program.place(place.cell, wait.node))
    if node is None:
        return "the call could not be found in the text"
    codemod.change(node, lambda call: call.func.value)
    return outcome({place.cell: codemod}, safety)


def _safety(program: Program, wait: Wait) -> str | None:
    parent = next(program.cells[wait.cell].parents(wait.node), None)
    value = wait.values[0]
    if value is not None and value.is_instance(api.ARRAY) and _are_rows_chosen(program, wait):
        return None if getattr(parent, "attr", "shape") not in _KNOWN else "same"
    if isinstance(parent, ast.Call):
        return "ask"  # len()
    if not isinstance(parent, ast.Attribute):
        return None
    if parent.attr in _KNOWN:
        return "same" if wait.known else "ask"
    if value is None or not value.is_instance(api.ARRAY, *api.XARRAY):
        return None
    return "same" if parent.attr == "shape" and _is_shape_known(wait) else "ask"


def _are_rows_chosen(program: Program, wait: Wait) -> bool:
    """Whether an array may hold what a mask leaves of another: nobody has counted that yet."""
    here = wait.values if isinstance(wait.lazies[0], ast.Subscript) else ()
    for value in ancestors(wait.values):
        # What a name was given by a subscript can be anything.
        taken = value.call is None and len(value.parts or ()) == 1 and value not in here
        if taken or made_by(value) in _CHOOSING:
            return True
    return any(
        isinstance(part, ast.Subscript) and _is_mask(program, part.slice)
        for lazy in wait.lazies
        for part in ast.walk(lazy)
    )


def _is_mask(program: Program, index: ast.expr) -> bool:
    known = program.scope.names.get(index.id) if isinstance(index, ast.Name) else None
    if known is not None and known.is_instance(api.ARRAY):
        return True
    return any(isinstance(part, (ast.Compare, ast.Invert)) for part in ast.walk(index))


def _is_shape_known(wait: Wait) -> bool:
    """Whether no chunk of the array can be of unknown length."""
    return all(
        value.is_instance(api.ARRAY) and made_by(value) not in ("map_blocks", "from_delayed")
        for value in ancestors(wait.values)
    ) and not any(isinstance(n, ast.Subscript) for lazy in wait.lazies for n in ast.walk(lazy))

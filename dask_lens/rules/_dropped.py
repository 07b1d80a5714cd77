"""Computations whose result is used for nothing."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from dask_lens.source import api
from dask_lens.source.cell import ParsedCell
from dask_lens.source.lineage import made_by
from dask_lens.source.program import Program
from dask_lens.source.timing import is_clocked, is_timed_cell, is_timed_line
from dask_lens.source.values import Value
from dask_lens.source.waits import Wait
from dask_lens.source.words import words

#: Methods that run functions of the user's, which may do more than return something.
_RUNS_FUNCTIONS = words(
    "apply map map_blocks map_overlap map_partitions starmap filter fold reduction foldby pipe "
    "blockwise apply_ufunc apply_along_axis apply_gufunc store to_zarr to_netcdf from_map"
)
#: Methods of pandas and NumPy that only return something.
_TIDY = words(
    "reset_index sort_values sort_index head tail round rename drop dropna fillna set_index "
    "astype copy transpose to_frame describe"
)
_MOST_LOOKED_AT = 200
_ALLOWED_AROUND = (ast.If, ast.Module)
_SHOWS_PROGRESS = words("dask.diagnostics.ProgressBar dask.diagnostics.progress.ProgressBar")


def is_dropped(program: Program, wait: Wait) -> bool:
    """Whether what is computed is used for nothing, and not meant to be looked at.

    Parameters
    ----------
    program
        The cells.
    wait
        What computes.
    """
    cell = program.cells[wait.cell]
    whole = _tidied(cell, wait.node)
    statement, *around = cell.parents(whole)
    derived = wait.call is not None and wait.call.derived is not None
    if not isinstance(statement, ast.Expr) or not (wait.known or derived):
        return False
    if wait.inside is not None:
        useless = whole is not wait.node or _is_used_later(wait, statement, around)
        return useless and not _may_do_more_in(wait.values)
    if not all(_is_passed_through(program, parent) for parent in around):
        return False
    if any(part in cell.ends for part in (statement, *around)):
        return False
    if is_timed_cell(cell) or is_timed_line(cell, wait.node):
        return False
    if is_clocked(program, wait.cell, wait.node):
        return False
    return not _may_do_more_in(wait.values)


def _is_passed_through(program: Program, parent: ast.AST) -> bool:
    """Whether a block is run once, and does no more about it than to show how far it is."""
    if isinstance(parent, ast.With) and len(program.cells) == 1:
        # In a notebook it is how one sees how long something takes.
        entered = [program.by_node.get(i.context_expr) for i in parent.items]  # type: ignore[call-overload]  # not every one is a call
        return all(call is not None and call.name in _SHOWS_PROGRESS for call in entered)
    return isinstance(parent, _ALLOWED_AROUND)


def _tidied(cell: ParsedCell, node: ast.expr) -> ast.expr:
    """Return what a result is made into by methods that do nothing but return something."""
    parents = iter(cell.parents(node))
    for taken, called in zip(parents, parents, strict=False):
        if not isinstance(taken, ast.Attribute) or taken.attr not in _TIDY:
            break
        if not isinstance(called, ast.Call) or called.func is not taken:
            break
        if any(keyword.arg in ("inplace", None) for keyword in called.keywords):
            break
        node = called
    return node


def _is_used_later(wait: Wait, statement: ast.stmt, around: Sequence[ast.AST]) -> bool:
    """Whether a function goes on with the lazy object, as if it were computed by now."""
    lazy = wait.lazies[0] if len(wait.lazies) == 1 else None
    blocks = [part for _, part in ast.iter_fields(around[0]) if isinstance(part, list)]
    block = next((part for part in blocks if statement in part), [])
    if not isinstance(lazy, ast.Name):
        return False
    later = block[block.index(statement) + 1 :] if block else []
    return any(isinstance(n, ast.Name) and n.id == lazy.id for s in later for n in ast.walk(s))


def _may_do_more_in(values: Sequence[Value | None]) -> bool:
    return any(_may_do_more(value) for value in values)


def _may_do_more(value: Value | None) -> bool:
    """Whether computing may have an effect beyond its result."""
    waiting, looked = [value], 0
    while waiting:
        value = waiting.pop()
        looked += 1
        if value is None or value.kind == "data":
            continue
        if value.is_instance(api.DELAYED_OBJECT) or looked > _MOST_LOOKED_AT:
            return True
        if made_by(value) in _RUNS_FUNCTIONS:
            return True
        waiting += value.parts or ()
    return False

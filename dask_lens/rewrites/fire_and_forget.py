"""Have the scheduler keep tasks whose futures nobody keeps: ``fire_and_forget``."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.rewrites._dropped import dropped_at, wrapped
from dask_lens.rewrites._imports import name_of
from dask_lens.source.program import read

rewrite = Rewrite(__name__, title="Let them run without a future (fire_and_forget)")


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Put the call into one of ``fire_and_forget``."""
    program = read(cells)
    dropped = dropped_at(program, place)
    if dropped is None:
        return "no call on this line drops its future"
    if isinstance(dropped.statement, ast.Assign):
        return "the future has a name, which may be read later"
    if isinstance(dropped.statement.value, (ast.GeneratorExp, ast.SetComp)):
        return "a generator submits nothing before it is read"
    codemod = Codemod(cells[place.cell].source)
    name = name_of(program, codemod, "distributed.fire_and_forget")
    if name is None:
        return "the name fire_and_forget means something else in this notebook"
    if not dropped.wrap(codemod, lambda value: wrapped(value, name)):
        return "the call could not be found in the text"
    return outcome({place.cell: codemod}, "ask")

"""Bring what tasks print to the notebook: ``from dask.distributed import print``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.rewrites._imports import put_first
from dask_lens.source.program import read

rewrite = Rewrite(__name__, title="Use distributed's print")


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Import the name where the task is defined; outside tasks it prints as it always did."""
    program = read(cells)
    if not any(
        call.name == "builtins.print"
        and call.cell == place.cell
        and call.node.lineno == place.line
        for call in program.calls
    ):
        return "no call of Python's own print stands on this line"
    codemod = Codemod(cells[place.cell].source)
    put_first(codemod, "from dask.distributed import print")
    return outcome({place.cell: codemod}, "same")

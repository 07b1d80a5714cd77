"""Say how many of the tasks could be one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite

rewrite = Rewrite(__name__, title="Make one task of several")


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, arguments: Mapping[str, Any]) -> Change | str:
    """How the items of many tasks become those of one, only their author knows."""
    del cells, place
    return Change({}, "tip", f"Make one task of about {arguments.get('size', 10):,}")

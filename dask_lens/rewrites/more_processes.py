"""Words only: how to keep tasks from stopping a worker's event loop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite

rewrite = Rewrite(
    __name__,
    title="More processes with one thread each, or smaller pieces",
    effect="it keeps the event loop free, which no replay of tasks shows",
)


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Propose no change of text: how many processes is for the machine to say."""
    del cells, place
    return Change({}, "tip")

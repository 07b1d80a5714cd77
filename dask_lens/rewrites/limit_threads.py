"""Words only: how to keep libraries from starting threads in tasks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite

rewrite = Rewrite(
    __name__,
    title="OMP_NUM_THREADS=1 before NumPy is imported, or threadpoolctl.threadpool_limits(1)",
)


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Propose no change of text: which library starts the threads is not known."""
    del cells, place
    return Change({}, "tip")

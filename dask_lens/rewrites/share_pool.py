"""One call, or one pool, for everything that processes compute: how, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dask_lens.metrics import change
from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite

rewrite = Rewrite(
    __name__,
    title=(
        "Compute everything in one dask.compute(...), or put the calls into "
        "with ProcessPoolExecutor() as pool, dask.config.set(pool=pool):"
    ),
    effect=change.Change(pooled=True),
)


@rewrite.apply
def apply(_cells: tuple[Cell, ...], _place: Place, _: Mapping[str, Any]) -> Change | str:
    """Tell what to do: which of the two depends on what the code is for."""
    return Change({}, "tip")

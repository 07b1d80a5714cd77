from __future__ import annotations

from dask_lens import rewrites
from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Proposal


def test_it_says_how_many_and_changes_nothing() -> None:
    cells = (Cell("fs = client.map(f, xs)"),)
    rewrite = rewrites.catalogue()["make-fewer-tasks"]
    made = rewrite.propose(cells, Place(0, 1), {"size": 1200})
    assert made == Proposal("make-fewer-tasks", "tip", "Make one task of about 1,200", ())

from __future__ import annotations

import pytest
from proposing import propose, refused

from dask_lens.rewrite import Proposal

SETUP = "import dask.array as da\nfrom dask import delayed\nx = da.arange(10, chunks=5)\n"


@pytest.mark.parametrize(
    ("cell", "reason"),
    [("v = x.sum().compute()\n", "only a part"), ("v = 1\n", "nothing lazy")],
)
def test_it_leaves_alone(cell: str, reason: str) -> None:
    assert reason in refused("compute-it", SETUP, cell, at="v =")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("v = x.sum()  # x\n", "v = x.sum().compute()  # x\n"),
        ("%time v = (x + x).sum()\n", "%time v = (x + x).sum().compute()\n"),
        ("delayed(print)(1)\n", "delayed(print)(1).compute()\n"),
    ],
)
def test_it_computes(before: str, after: str) -> None:
    made = propose("compute-it", (SETUP, before), before.split("(", maxsplit=1)[0][:3], 1)
    assert isinstance(made, Proposal)
    assert [edit.after for edit in made.edits] == [after]
    assert made.safety == "ask"
    assert "only a part" in refused("compute-it", SETUP, after, at="compute")

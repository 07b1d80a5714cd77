from __future__ import annotations

import pytest
from proposing import refused, rewritten

SETUP = "import xarray as xr\n"

UNTOUCHED = [
    ("ds = xr.open_dataset(p)\n", "no files are opened"),
    ("ds = xr.open_mfdataset(p, **how)\n", "says already"),
    ("ds = xr.open_mfdataset(p, parallel=False)\n", "says already"),
]


@pytest.mark.parametrize(("cell", "reason"), UNTOUCHED)
def test_it_leaves_alone(cell: str, reason: str) -> None:
    assert reason in refused("open-in-parallel", SETUP, cell, at="ds = ")


REWRITTEN = [
    ("ds = xr.open_mfdataset('*.nc')  # all\n",
     "ds = xr.open_mfdataset('*.nc', parallel=True)  # all\n"),
    ("ds = xr.open_mfdataset(\n    '*.nc',\n    chunks={},\n)\n",
     "ds = xr.open_mfdataset(\n    '*.nc',\n    chunks={},\n    parallel=True,\n)\n"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), REWRITTEN)
def test_it_opens_them_side_by_side(before: str, after: str) -> None:
    assert rewritten("open-in-parallel", SETUP, before, at="ds = ") == (after, "ask")

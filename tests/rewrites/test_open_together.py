from __future__ import annotations

import pytest
from proposing import refused, rewritten

SETUP = "import dask\nimport xarray as xr\n"

UNTOUCHED = [
    ("ds = xr.open_dataset(p)\n", "no file of several"),
    ("a = []\nfor p in ps:\n    a.append(xr.open_dataset(p))\nds = xr.concat(a, 't')\n",
     "more is done with each file"),
    ("ds = xr.concat([xr.open_dataset(p).t for p in ps], 't')\n", "more is done with each file"),
    ("ds = xr.concat([xr.open_dataset(p) for p in ps if p], 't')\n", "not every path"),
    ("ds = xr.concat([xr.open_dataset(d + p) for p in ps], 't')\n", "not every path"),
    ("ds = xr.concat([xr.open_dataset(p) for p in ps], 't', join='left')\n", "along one"),
    ("ds = xr.merge([xr.open_dataset(p) for p in ps])\n", "along one dimension"),
]  # fmt: skip


@pytest.mark.parametrize(("cell", "reason"), UNTOUCHED)
def test_it_leaves_alone(cell: str, reason: str) -> None:
    assert reason in refused("open-together", SETUP, cell, at="open_dataset")


REWRITTEN = [
    ("ds = xr.concat([xr.open_dataset(p) for p in ps], dim='t')  # all\n",
     "ds = xr.open_mfdataset(ps, combine=\"nested\", concat_dim='t')  # all\n"),
    ("ds = xr.concat((xr.open_dataset(p, chunks={}) for p in sorted(ps)), 't')\n",
     "ds = xr.open_mfdataset(sorted(ps), combine=\"nested\", concat_dim='t', chunks={})\n"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), REWRITTEN)
def test_it_opens_them_together(before: str, after: str) -> None:
    assert rewritten("open-together", SETUP, before, at="ds = ") == (after, "ask")

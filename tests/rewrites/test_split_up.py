from __future__ import annotations

import pytest
from proposing import refused, rewritten

SETUP = """\
import dask.array as da
import dask.bag as db
import dask.dataframe as dd
import xarray as xr
"""

UNTOUCHED = [
    ("d = dd.from_pandas(df, npartitions=4)\n", "several already"),
    ("d = dd.from_pandas(df, **how)\n", "a list or a dict"),
    ("y = da.from_array(a, chunks=10)\n", "several already"),
    ("d = len(df)\n", "nothing on this line"),
]


@pytest.mark.parametrize(("cell", "reason"), UNTOUCHED)
def test_it_leaves_alone(cell: str, reason: str) -> None:
    assert reason in refused("split-up", SETUP, cell, at="=")


REWRITTEN = [
    ("d = dd.from_pandas(df, npartitions=1)  # all\n",
     "d = dd.from_pandas(df, npartitions=8)  # all\n"),
    ("d = dd.from_pandas(df, 1)\n", "d = dd.from_pandas(df, 8)\n"),
    ("d = dd.from_pandas(df)\n", "d = dd.from_pandas(df, npartitions=8)\n"),
    ("%time d = dd.from_pandas(df,  npartitions = 1 )\n",
     "%time d = dd.from_pandas(df,  npartitions = 8 )\n"),
    ("y = da.from_array(a, chunks=-1)\n", 'y = da.from_array(a, chunks="auto")\n'),
    ("y = da.ones((n, n), chunks=(n, n))\n", 'y = da.ones((n, n), chunks="auto")\n'),
    ("y = xr.open_dataset(p).chunk(-1)\n", 'y = xr.open_dataset(p).chunk("auto")\n'),
    ("y = xr.open_dataset(p, chunks=-1)\n", 'y = xr.open_dataset(p, chunks="auto")\n'),
    ("b = db.from_sequence(s, npartitions=1)\n", "b = db.from_sequence(s, npartitions=8)\n"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), REWRITTEN)
def test_it_sets_the_number(before: str, after: str) -> None:
    assert rewritten("split-up", SETUP, before, at="=") == (after, "ask")

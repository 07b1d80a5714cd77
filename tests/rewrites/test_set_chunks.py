from __future__ import annotations

import pytest
from proposing import refused, rewritten

SETUP = "import dask.array as da\nimport dask.dataframe as dd\nddf = dd.read_csv('*')\n"

UNTOUCHED = [
    ("y = da.ones(100)\n", "not chosen by this call"),
    ("y = da.ones(100, chunks='auto')\n".replace("'", '"'), "already has this form"),
    ("d = len(ddf)\n", "not chosen by this call"),
]


@pytest.mark.parametrize(("cell", "reason"), UNTOUCHED)
def test_it_leaves_alone(cell: str, reason: str) -> None:
    assert reason in refused("set-chunks", SETUP, cell, at="=")


REWRITTEN = [
    ("y = da.ones((n, n), chunks=(10, 10))  # small\n",
     'y = da.ones((n, n), chunks="auto")  # small\n'),
    ("%time y = da.ones(n,  chunks = 10 )\n", '%time y = da.ones(n,  chunks = "auto" )\n'),
    ("y = da.ones(\n    (n, n),\n    chunks=(\n        10,\n        10,  # a few\n    ),\n)\n",
     'y = da.ones(\n    (n, n),\n    chunks="auto",\n)\n'),
    ("y = da.ones(n).rechunk((10,))\n", 'y = da.ones(n).rechunk("auto")\n'),
    ("y = da.from_array(a, 10)\n", 'y = da.from_array(a, "auto")\n'),
    ("d = dd.from_pandas(df, npartitions=5000)\n", "d = dd.from_pandas(df, npartitions=8)\n"),
    ("d = dd.read_csv(p, blocksize='1KB')\n", 'd = dd.read_csv(p, blocksize="64MB")\n'),
    ("d = ddf.repartition(partition_size=1000)\n",
     'd = ddf.repartition(partition_size="100MB")\n'),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), REWRITTEN)
def test_it_sets_the_size(before: str, after: str) -> None:
    assert rewritten("set-chunks", SETUP, before, at="=") == (after, "ask")

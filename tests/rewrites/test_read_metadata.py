from __future__ import annotations

import pytest
from proposing import refused, rewritten

SETUP = """\
import pandas as pd
import dask.array as da
import dask.dataframe as dd
from dask.distributed import Client
x = da.arange(10, chunks=5)
ddf = dd.from_pandas(pd.DataFrame({"a": range(8), "b": range(8)}), npartitions=2)
"""


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("v = ddf.compute().shape\n", "before the rows"),
        ("v = ddf.columns\n", "no compute"),
        ("v = x[x > 3].compute().shape\n", "before the rows"),
        ("chosen = x[x > 3]\nv = chosen.compute().shape\n", "before the rows"),
        ("mask = x > 3\nv = len(x[mask].compute())\n", "before the rows"),
        ("v = da.nonzero(x)[0].compute().shape\n", "before the rows"),
        ("client = Client()\nv = client.compute(x).result().shape\n", "a client computes it"),
    ],
)
def test_it_leaves_alone(cell: str, reason: str) -> None:
    assert reason in refused("read-metadata", SETUP, cell, at="v =")


@pytest.mark.parametrize(
    ("before", "after", "safety"),
    [
        ("v = x.compute().shape  # x\n", "v = x.shape  # x\n", "same"),
        ("v = x[x > 3].compute().dtype\n", "v = x[x > 3].dtype\n", "same"),
        ("v = x[2:5].compute().shape\n", "v = x[2:5].shape\n", "ask"),
        ("v = list(ddf.compute().columns)\n", "v = list(ddf.columns)\n", "same"),
        ("v = x.compute().dtype\n", "v = x.dtype\n", "same"),
        ("v = len(ddf.compute())\n", "v = len(ddf)\n", "ask"),
    ],
)
def test_it_asks_the_lazy_object(before: str, after: str, safety: str) -> None:
    assert rewritten("read-metadata", SETUP, before, at="v =") == (after, safety)
    assert run(before) == run(after)


def run(cell: str) -> object:
    names: dict[str, object] = {}
    exec(SETUP + cell, names)  # noqa: S102 - the text of this test
    return names["v"]

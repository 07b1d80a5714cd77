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
        ("v = ddf.a.compute().median()\n", "quite the same"),
        ("v = ddf.a.compute().unique()\n", "quite the same"),
        ("v = ddf.compute()[:3]\n", "quite the same"),
        ("df = ddf.compute()\nv = df.head()\n", "has a name"),
        ("v = ddf.a.mean()\n", "no compute"),
        ("client = Client()\nv = client.compute(ddf.a).result().mean()\n", "a client computes it"),
    ],
)
def test_it_leaves_alone(cell: str, reason: str) -> None:
    assert reason in refused("reduce-before-compute", SETUP, cell, at="ddf")


@pytest.mark.parametrize(
    ("before", "after", "safety"),
    [
        ("v = x.compute().sum()  # why\n", "v = x.sum().compute()  # why\n", "same"),
        ("v = ddf.a.compute().mean()\n", "v = ddf.a.mean().compute()\n", "same"),
        ("v = (x + 1).compute(scheduler='sync').max()\n",
         "v = (x + 1).max().compute(scheduler='sync')\n", "same"),
        ("v = ddf.compute().sum(axis=0)\n", "v = ddf.sum(axis=0).compute()\n", "ask"),
        ("v = x.compute()[:3]\n", "v = x[:3].compute()\n", "same"),
        ("v = ddf.compute().head(2)\n", "v = ddf.head(2)\n", "ask"),
        ("%time v = x.compute().sum()\n", "%time v = x.sum().compute()\n", "same"),
    ],
)  # fmt: skip
def test_it_reduces_first(before: str, after: str, safety: str) -> None:
    assert rewritten("reduce-before-compute", SETUP, before, at="v =") == (after, safety)
    if "%" not in before:
        assert str(run(before)) == str(run(after))


def run(cell: str) -> object:
    names: dict[str, object] = {}
    exec(SETUP + cell, names)  # noqa: S102 - the text of this test
    return names["v"]

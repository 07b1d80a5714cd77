from __future__ import annotations

import pytest
from proposing import refused, rewritten

NAME = "skip-roundtrip"
SETUP = """\
import dask.array as da, dask.dataframe as dd, pandas as pd
ddf = dd.read_csv("*.csv")
x = da.ones(10, chunks=5)
df = pd.DataFrame()
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("d = dd.from_pandas(ddf.compute(), npartitions=4)  # go",
                     "d = ddf.repartition(npartitions=4)  # go", id="a dataframe"),
        pytest.param("d = dd.from_pandas((ddf + 1).compute(), 4)",
                     "d = (ddf + 1).repartition(npartitions=4)", id="by position"),
        pytest.param("y = da.from_array(x.compute(), chunks=(2,))", "y = x.rechunk(chunks=(2,))",
                     id="an array"),
        pytest.param("d = dd.from_pandas(df, npartitions=2).compute()", "d = df",
                     id="made and computed at once"),
        pytest.param("d = dd.from_delayed(ddf.to_delayed())  # go", "d = ddf  # go",
                     id="taken apart and put back"),
    ],
)  # fmt: skip
def test_it_stays_lazy(before: str, after: str) -> None:
    assert rewritten(NAME, SETUP, before, at="=") == (after, "ask")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        pytest.param("dd.from_pandas(df, 2)", "not computed", id="data of pandas"),
        pytest.param("dd.from_pandas(ddf.compute(), chunksize=9)", "takes more", id="a chunksize"),
        pytest.param("dd.from_delayed(parts)", "not taken apart", id="partitions from elsewhere"),
        pytest.param(
            "dd.from_pandas(pd.concat([p.compute() for p in ps]), 2)",
            "not computed",
            id="pieces that were computed",
        ),
        pytest.param("da.from_array(x.compute())", "not told", id="no chunks"),
        pytest.param("dd.from_pandas(pd.DataFrame(), 2).compute()", "no name", id="no name"),
    ],
)
def test_it_leaves_alone(source: str, reason: str) -> None:
    assert reason in refused(NAME, SETUP, source, at="from_")

from __future__ import annotations

import pytest
from proposing import refused, rewritten

NAME = "map-over-partitions"
SETUP = """\
import dask.array as da, dask.dataframe as dd
from dask import delayed
ddf = dd.read_csv("*.csv")
x = da.ones(10, chunks=5)
def f(x): return x
lazy = delayed(f)
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("y = delayed(f)( ddf )  # go", "y = ddf.map_partitions( f )  # go",
                     id="a dataframe"),
        pytest.param("y = delayed(f)(x, 2, k=3)", "y = x.map_blocks(f, 2, k=3)", id="an array"),
        pytest.param("y = delayed(f)(ddf.a)", "y = ddf.a.map_partitions(f)", id="a column"),
    ],
)  # fmt: skip
def test_the_function_is_mapped(before: str, after: str) -> None:
    assert rewritten(NAME, SETUP, before, at="y =") == (after, "ask")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        pytest.param("lazy(ddf)", "elsewhere", id="a function that is lazy already"),
        pytest.param("delayed(f)(ddf + 1)", "no name", id="an expression"),
        pytest.param("delayed(f)(1)", "no delayed function", id="a number"),
    ],
)
def test_it_leaves_alone(source: str, reason: str) -> None:
    assert reason in refused(NAME, SETUP, source, at="(")

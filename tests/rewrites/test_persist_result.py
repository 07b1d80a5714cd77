from __future__ import annotations

import pytest
from proposing import refused, rewritten

NAME = "persist-result"
SETUP = "import dask, dask.array as da\nx = da.ones(9, chunks=3)\n"


def test_the_result_stays() -> None:
    before, after = "y = (x + 1) .compute( )  # go", "y = (x + 1) .persist( )  # go"
    assert rewritten(NAME, SETUP, before, at="y =") == (after, "ask")


@pytest.mark.parametrize("source", ["dask.compute(x)", "thing.compute()", "x.persist()"])
def test_it_leaves_alone(source: str) -> None:
    assert "no collection" in refused(NAME, SETUP, source, at="(")

from __future__ import annotations

import pytest
from proposing import refused, rewritten

NAME = "call-plain"
SETUP = "import dask\nfrom dask import delayed\ndef f(x): return x"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        pytest.param("delayed(f, pure=True)(1)", "options", id="options"),
        pytest.param("lazy = delayed(f)", "no call", id="no call"),
        pytest.param("from joblib import delayed as d2\nd2(f)(1)", "no call", id="joblib"),
    ],
)
def test_it_leaves_alone(source: str, reason: str) -> None:
    assert reason in refused(NAME, SETUP, source, at="(f")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("x = delayed(f)(1, add)  # go", "x = f(1, add)  # go", id="delayed"),
        pytest.param("%time dask.delayed(f)(1)", "%time f(1)", id="by its module"),
    ],
)
def test_the_function_is_called(before: str, after: str) -> None:
    assert rewritten(NAME, SETUP, before, at="(1") == (after, "ask")

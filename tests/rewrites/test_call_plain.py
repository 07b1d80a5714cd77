from __future__ import annotations

import pytest
from proposing import refused, rewritten

NAME = "call-plain"
SETUP = """\
import dask
from dask import delayed
add = delayed(lambda x: x + 1)
def f(x, op): return op(op(x))
def each(xs, op): return [op(x) for x in xs]
def best(xs, op): return min([op(x) for x in xs])
"""


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        pytest.param("delayed(f, pure=True)(1)", "options", id="options"),
        pytest.param("lazy = delayed(f)", "no call", id="no call"),
        pytest.param("delayed(f)(1, abs)", "no lazy object", id="nothing lazy"),
        pytest.param("delayed(each)([1, 2], add)", "no lazy object", id="a list"),
        pytest.param("delayed(best)([1, 2], add)", "no lazy object", id="a value is asked for"),
        pytest.param("from joblib import delayed as d2\nd2(f)(1)", "no call", id="joblib"),
    ],
)
def test_it_leaves_alone(source: str, reason: str) -> None:
    assert reason in refused(NAME, SETUP, source, at="delayed")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("x = delayed(f)(1, add)  # go", "x = f(1, add)  # go", id="delayed"),
        pytest.param(
            "x = delayed(f)(1, op=add).compute()",
            "x = f(1, op=add).compute()",
            id="computed at once",
        ),
        pytest.param("%time dask.delayed(f)(1, add)", "%time f(1, add)", id="by its module"),
    ],
)
def test_the_function_is_called(before: str, after: str) -> None:
    assert rewritten(NAME, SETUP, before, at="(1") == (after, "ask")

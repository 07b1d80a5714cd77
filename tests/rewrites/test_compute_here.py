from __future__ import annotations

import pytest
from proposing import refused, rewritten

NAME = "compute-here"
SETUP = "import dask\nimport dask.array as da\nfrom dask import delayed\nx = da.ones(3)\n"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        pytest.param("def f(i):\n    return (x + i).compute()", "where it is called",
                     id="no decorator"),
        pytest.param("@delayed\ndef f(i):\n    y = (x + i).compute()\n"
                     "    return y + 1", "more with",
                     id="the value is used"),
        pytest.param("@delayed\ndef f(i):\n"
                     "    return (x + i).compute() + x.compute()", "more with",
                     id="two computes"),
        pytest.param("y = x.compute()", "no task", id="no task"),
        pytest.param("def f(i):\n    return x[i].compute()\nc.map(f, [1])", "where it is called",
                     id="a function that is mapped"),
    ],
)  # fmt: skip
def test_it_leaves_alone(source: str, reason: str) -> None:
    assert reason in refused(NAME, SETUP, source, at="compute()")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("@delayed\ndef f(i):\n    return (x + i).sum().compute()  # one\n",
                     "def f(i):\n    return (x + i).sum()  # one\n", id="a compute"),
        pytest.param("# all\n@dask.delayed(pure=True)\ndef f(i):\n"
                     "    return float(x.mean().compute(scheduler='sync'))  # one",
                     "# all\ndef f(i):\n    return x.mean()  # one", id="made a number"),
    ],
)  # fmt: skip
def test_it_is_built_lazily(before: str, after: str) -> None:
    assert rewritten(NAME, SETUP, before, at="# one") == (after, "ask")


def test_it_leaves_alone_what_dask_computes_as_a_tuple() -> None:
    cell = "@delayed\ndef f(i):\n    a, b = dask.compute(x.sum(), x.max())\n    return a + b\n"
    assert "a tuple" in refused(NAME, SETUP, cell, at="compute(")

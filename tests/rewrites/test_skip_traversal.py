from __future__ import annotations

import pytest
from proposing import refused, rewritten

NAME = "skip-traversal"
SETUP = "import dask\nfrom dask import delayed\nxs = list(range(20_000))\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("n = delayed(len)( xs )  # go",
                     "n = delayed(len)( delayed(xs, traverse=False) )  # go", id="an argument"),
        pytest.param("d = dask.delayed(xs)", "d = dask.delayed(xs, traverse=False)",
                     id="data that is wrapped"),
        pytest.param("d = delayed(f)(1, a=[0] * 10_000)",
                     "d = delayed(f)(1, a=delayed([0] * 10_000, traverse=False))", id="a keyword"),
    ],
)  # fmt: skip
def test_the_list_is_not_looked_into(before: str, after: str) -> None:
    assert rewritten(NAME, SETUP, before, at="delayed") == (after, "same")


@pytest.mark.parametrize("source", ["delayed(len)(ys)", "delayed(len)([0] * 10)"])
def test_it_leaves_alone_what_may_be_short_or_lazy(source: str) -> None:
    assert "does not tell" in refused(NAME, SETUP, source, at="delayed")


def test_without_a_name_for_delayed_nothing_is_changed() -> None:
    source = "from mine import lazy\nimport dask.delayed as dd\n"
    assert "does not tell" in refused(NAME, source, "lazy([0] * 10_000)", at="lazy")

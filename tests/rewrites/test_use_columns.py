"""Arithmetic on rows becomes arithmetic on columns; anything else is left."""

from __future__ import annotations

import pandas as pd
import pytest
from proposing import refused, rewritten

SETUP = "import dask.dataframe as dd\nddf = dd.read_csv('*.csv')\n"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("y = ddf.apply(f, axis=1)", "no lambda"),
        ("y = ddf.apply(lambda r: f(r.a), axis=1)", "more than arithmetic"),
        ("y = ddf.apply(lambda r: r.a if r.b else 0, axis=1)", "more than arithmetic"),
        ("y = ddf.apply(lambda r: r.a > 1 and r.b > 1, axis=1)", "more than arithmetic"),
        ("y = ddf.apply(lambda r: 0 < r.a < 1, axis=1)", "more than arithmetic"),
        ("y = ddf.apply(lambda r: r.name, axis=1)", "more than arithmetic"),
        ("y = ddf.apply(lambda r: r.mean() + 1, axis=1)", "more than arithmetic"),
        ("y = ddf.apply(lambda r: r[0] + r[1], axis=1)", "more than arithmetic"),
        ("y = ddf.apply(lambda r: r.a + n, axis=1)", "more than arithmetic"),
        ("y = ddf.apply(lambda r: 1, axis=1)", "more than arithmetic"),
        ("y = ddf.apply(lambda r, k: r.a + 1, axis=1, args=(1,))", "more than which axis"),
        ("y = ddf.apply(lambda r, k=2: r.a + 1, axis=1)", "more than arithmetic"),
        ("y = dd.read_csv('x').apply(lambda r: r.a + 1, axis=1)", "more than arithmetic"),
        ("y = ddf.a + ddf.b", "no function"),
    ],
)
def test_it_leaves_alone(code: str, reason: str) -> None:
    assert reason in refused("use-columns", SETUP, code, at="y =")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("y = ddf.apply(lambda row: row.a+row.b, axis=1, meta=(None, 'f8'))  # sum",
         "y = ddf.a+ddf.b  # sum"),
        ('y = ddf.apply(lambda r: r["a b"] * 2 - r.b / r["c"], axis="columns").sum()',
         'y = (ddf["a b"] * 2 - ddf.b / ddf["c"]).sum()'),
        ("y = ddf.apply(lambda r: (r.a > 1), axis=1).mean()", "y = (ddf.a > 1).mean()"),
        ("y = ddf.apply(lambda a: a.a, axis=1).sum()", "y = ddf.a.sum()"),
        ("y = f(ddf.apply(lambda r: -r.a, axis=1))", "y = f(-ddf.a)"),
        ("y = ddf.map_partitions(lambda p: p.apply(lambda r: r.a + 1, axis=1))",
         "y = ddf.map_partitions(lambda p: p.a + 1)"),
        ("%time y = ddf.apply(lambda r: r.a % 2, axis=1)", "%time y = ddf.a % 2"),
    ],
)  # fmt: skip
def test_it_uses_columns(before: str, after: str) -> None:
    assert rewritten("use-columns", SETUP, before, at="y =") == (after, "ask")


def test_both_give_the_same() -> None:
    before = "y = ddf.apply(lambda r: (r['a'] + 2) ** 2 - r.b // 3 + (r.a >= r.b), axis=1)"
    after, _ = rewritten("use-columns", SETUP, before, at="y =")
    table = pd.DataFrame({"a": [1, 5, 3], "b": [7, 2, 3]})
    found: list[pd.Series[int]] = []
    for code in (before, after):
        names: dict[str, object] = {"ddf": table}
        exec(code, names)  # noqa: S102 - the text of this test
        found.append(names["y"])  # type: ignore[arg-type]  # a Series
    pd.testing.assert_series_equal(*found)

from __future__ import annotations

import pytest
from proposing import refused, rewritten

SETUP = "import dask.dataframe as dd\nddf = dd.read_csv('*')\n"

UNTOUCHED = [
    ("d = ddf.set_index('a')\n", "no rows are ordered twice"),
    ("a = ddf.sort_values('a')\nd = a.set_index('b')\n", "in another statement"),
    ("d = ddf.set_index('a').set_index('b')\n", "would stay among the others"),
    ("for k in ks:\n    d = ddf.set_index('a').x.loc[k].compute()\n", "before the loop"),
]


@pytest.mark.parametrize(("cell", "reason"), UNTOUCHED)
def test_it_leaves_alone(cell: str, reason: str) -> None:
    assert reason in refused("drop-shuffle", SETUP, cell, at="d = ")


REWRITTEN = [
    ("d = ddf.sort_values('a').set_index('b')  # order\n", "d = ddf.set_index('b')  # order\n"),
    ("d = ddf.set_index('a').reset_index().set_index('b')\n", "d = ddf.set_index('b')\n"),
    ("d = ddf[ddf.x > 1].sort_values(\n    'a'\n).dropna().set_index('b')\n",
     "d = ddf[ddf.x > 1].dropna().set_index('b')\n"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), REWRITTEN)
def test_it_takes_out_the_first_order(before: str, after: str) -> None:
    assert rewritten("drop-shuffle", SETUP, before, at="d = ") == (after, "ask")

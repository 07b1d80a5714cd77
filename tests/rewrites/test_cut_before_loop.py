from __future__ import annotations

import pytest
from proposing import refused, rewritten

SETUP = "import dask.array as da\nx = da.ones((10, 10), chunks=5)\n"

UNTOUCHED = [
    ("for i in r:\n    y = x.rechunk(i)\n    f(y)\n", "nothing is cut again"),
    ("for i in r:\n    f(x.rechunk(2))\n", "no name of its own"),
    ("for i in r:\n    y = x.rechunk(2) + 1\n    f(y)\n", "more is done with it"),
    ("for i in r:\n    if i:\n        y = x.rechunk(2)\n    f(i)\n", "depends on a condition"),
    ("for i in r:\n    y = x.rechunk(2)\n", "nothing else is done"),
    ("for i in r:\n    f(x)\n    x = x.rechunk(2)\n", "used in the loop before"),
]


@pytest.mark.parametrize(("cell", "reason"), UNTOUCHED)
def test_it_leaves_alone(cell: str, reason: str) -> None:
    assert reason in refused("cut-before-loop", SETUP, cell, at="rechunk")


REWRITTEN = [
    ("# all\nfor i in r:\n    y = x.rechunk(2)\n    f(y + i)\n",
     "# all\ny = x.rechunk(2)\nfor i in r:\n    f(y + i)\n"),
    ("for i in r:\n    f(i)\n    x = x.rechunk({0: 2})\n    g(x)\n",
     "x = x.rechunk({0: 2})\nfor i in r:\n    f(i)\n    g(x)\n"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), REWRITTEN)
def test_it_is_cut_before_the_loop(before: str, after: str) -> None:
    assert rewritten("cut-before-loop", SETUP, before, at="rechunk") == (after, "ask")

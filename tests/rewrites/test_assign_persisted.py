from __future__ import annotations

import pytest
from proposing import refused, rewritten

SETUP = "import dask\nimport dask.array as da\nx = da.ones(4)\ny = da.ones(5)\nc = [x]\n"

UNTOUCHED = [
    ("x = x.persist()\n", "kept already"),
    ("_ = y = x.persist()\n", "kept already"),
    ("x.sum().persist()\n", "has no name"),
    ("c[0].persist()\n", "has no name"),
    ("print(x.persist())\n", "kept already"),
]


@pytest.mark.parametrize(("cell", "reason"), UNTOUCHED)
def test_it_leaves_alone(cell: str, reason: str) -> None:
    assert reason in refused("assign-persisted", SETUP, cell, at="persist")


REWRITTEN = [
    ("x.persist()  # keep\nx.sum()\n", "x = x.persist()  # keep\nx.sum()\n"),
    ("if x.ndim:\n    x.persist()\n", "if x.ndim:\n    x = x.persist()\n"),
    ("_ = x.persist()  # keep\n", "x = x.persist()  # keep\n"),
    ("x.persist(); y\n", "x = x.persist(); y\n"),
    ("dask.persist(x, y)\n", "x, y = dask.persist(x, y)\n"),
    ("dask.persist(x)\n", "(x,) = dask.persist(x)\n"),
    ("%matplotlib inline\nx.persist()\n", "%matplotlib inline\nx = x.persist()\n"),
]


@pytest.mark.parametrize(("before", "after"), REWRITTEN)
def test_it_gives_the_name_what_is_returned(before: str, after: str) -> None:
    assert rewritten("assign-persisted", SETUP, before, at="persist") == (after, "same")
    if "%" not in after:
        exec(SETUP + after, {})  # noqa: S102 - the text of this test

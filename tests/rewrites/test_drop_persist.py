from __future__ import annotations

import pytest
from proposing import refused, rewritten

SETUP = "import dask\nimport dask.array as da\nx = da.ones(4)\n"


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("v = x.compute()\n", "not persisted"),
        ("v = x.persist(scheduler='sync').compute()\n", "settings of its own"),
    ],
)
def test_it_leaves_alone(cell: str, reason: str) -> None:
    assert reason in refused("drop-persist", SETUP, cell, at="compute")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("v = (x + 1).persist().compute()  # x\n", "v = (x + 1).compute()  # x\n"),
        ("v = x.persist()[:2].mean().compute()\n", "v = x[:2].mean().compute()\n"),
        ("(v,) = dask.compute(x.persist())\n", "(v,) = dask.compute(x)\n"),
    ],
)
def test_it_leaves_persist_out(before: str, after: str) -> None:
    assert rewritten("drop-persist", SETUP, before, at="compute") == (after, "ask")


def test_it_leaves_out_a_persist_that_was_given_a_name() -> None:
    before = "p = (x + 1).persist()  # kept\nv = p.sum().compute()\n"
    after = "p = (x + 1)  # kept\nv = p.sum().compute()\n"
    assert rewritten("drop-persist", SETUP, before, at="p = ") == (after, "ask")

from __future__ import annotations

import pytest
from proposing import refused, rewritten

SETUP = "import dask.array as da\nx = da.ones(4)\n"


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("if x.ndim:\n    x.compute()\ny = 1\n", "more than this statement"),
        ("x.compute(); y = 1\n", "more than this statement"),
        ("y = x.compute()\n", "no statement"),
    ],
)
def test_it_leaves_alone(cell: str, reason: str) -> None:
    assert reason in refused("drop-compute", SETUP, cell, at="compute")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("y = 1\nx.compute()\n# why\nz = 1  # compute\n", "y = 1\n# why\nz = 1  # compute\n"),
        ("# a\nx.compute()\nz = 'compute'\n", "# a\nz = 'compute'\n"),
        ("%pwd\nx.compute()\nz = 'compute'\n", "%pwd\nz = 'compute'\n"),
    ],
)
def test_it_removes_the_statement(before: str, after: str) -> None:
    assert rewritten("drop-compute", SETUP, before, at="compute") == (after, "ask")

from __future__ import annotations

import pytest
from proposing import refused, rewritten

SETUP = "import dask\nimport dask.array as da\nx = da.arange(10, chunks=5)\n"


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("a = x.min().compute()\nprint(a)\nb = x.max().compute()\n", "stand between"),
        ("a = x.min().compute()\nb = (x + a).max().compute()\n", "stand between"),
        ("a = x.min().compute()\n# c\nb = x.max().compute()\n", "a comment"),
        ("a = x.min().compute()  # c\nb = x.max().compute()  # d\n", "a comment"),
        ("a = x.min().compute(); b = x.max().compute()\n", "share a line"),
        ("print(x.min().compute())\nb = x.max().compute()\n", "stand between"),
        ("a = x.min().compute(scheduler='sync')\nb = x.max().compute()\n", "stand between"),
        ("a = b = x.max().compute()\n", "stand between"),
    ],
)
def test_it_leaves_alone(cell: str, reason: str) -> None:
    assert reason in refused("join-computes", SETUP, cell, at="compute")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a = x.min().compute()\nb = x.max().compute()\nc = a + b\n",
         "a, b = dask.compute(x.min(), x.max())\nc = a + b\n"),
        ("# c\na = x.min().compute()  # d\nb = (x + 1).max().compute()\n",
         "# c\na, b = dask.compute(x.min(), (x + 1).max())  # d\n"),
        ("a = x.min().compute(scheduler='sync')\nb = x.max().compute(scheduler='sync')\n",
         "a, b = dask.compute(x.min(), x.max(), scheduler='sync')\n"),
        ("if 1:\n  a = x.min().compute()\n  b = x.max().compute()\n  c = x.sum().compute()\n",
         "if 1:\n  a, b, c = dask.compute(x.min(), x.max(), x.sum())\n"),
        ("%pwd\na = x.min().compute()\nb = x.max().compute()\n",
         "%pwd\na, b = dask.compute(x.min(), x.max())\n"),
    ],
)  # fmt: skip
def test_it_computes_together(before: str, after: str) -> None:
    assert rewritten("join-computes", SETUP, before, at="compute") == (after, "same")
    if "%" not in before:
        assert run(before) == run(after)


def run(cell: str) -> list[object]:
    names: dict[str, object] = {}
    exec(SETUP + cell, names)  # noqa: S102 - the text of this test
    return [names.get(name) for name in "abc"]

from __future__ import annotations

from typing import Any

import pytest
from proposing import refused, rewritten

SETUP = "import dask.array as da\nx = da.ones(4)\nparts = [da.zeros(2)] * 3\n"

UNTOUCHED = [
    ("for p in parts:\n    y = da.concatenate([x, p])\n", "nothing grows"),
    ("for p in parts:\n    if p.ndim:\n        x = da.concatenate([x, p])\n", "a condition"),
    ("for p in parts:\n    x = p if x is None else da.concatenate([x, p])\n", "a condition"),
    ("for p in parts:\n    x = da.concatenate([p, x])\n", "the name first"),
    ("for p in parts:\n    x = da.concatenate([x, p])\nelse:\n    print(x)\n", "an else"),
    ("x_parts = 1\nfor p in parts:\n    x = da.concatenate([x, p])\n", "is taken"),
]


@pytest.mark.parametrize(("cell", "reason"), UNTOUCHED)
def test_it_leaves_alone(cell: str, reason: str) -> None:
    assert reason in refused("concat-after-loop", SETUP, cell, at="concatenate")


REWRITTEN = [
    ("y = 1\n\n# all\nfor p in parts:\n    x = da.concatenate([x, p], axis=0)  # one\nx.sum()\n",
     ("y = 1\n\n# all\nx_parts = [x]\nfor p in parts:\n    x_parts.append(p)  # one\n"
     "x = da.concatenate(x_parts, axis=0)\nx.sum()\n")),
    ("%matplotlib inline\nfor p in parts:\n    q = p + 1\n    x = da.concatenate((x, q))\n",
     ("%matplotlib inline\nx_parts = [x]\nfor p in parts:\n    q = p + 1\n    x_parts.append(q)\n"
     "x = da.concatenate(x_parts)\n")),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), REWRITTEN)
def test_it_concatenates_once(before: str, after: str) -> None:
    assert rewritten("concat-after-loop", SETUP, before, at="concatenate") == (after, "ask")


def test_it_computes_the_same() -> None:
    before = REWRITTEN[0][0]
    after, _ = rewritten("concat-after-loop", SETUP, before, at="concatenate")
    one: dict[str, Any] = {}
    other: dict[str, Any] = {}
    exec(SETUP + before, one)  # noqa: S102 - the text of this test
    exec(SETUP + after, other)  # noqa: S102 - the text of this test
    assert one["x"].compute().tolist() == other["x"].compute().tolist()

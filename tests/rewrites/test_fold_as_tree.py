from __future__ import annotations

from typing import Any

import pytest
from proposing import refused, rewritten

SETUP = """\
import dask
from dask import delayed
from dask.distributed import Client
client = Client
def f(x): return [x]
def add(a, b): return a + b
xs = list(range(7))
"""
CHAIN = "for x in xs:\n    acc = delayed(add)(acc, delayed(f)(x))  # here\n"

UNTOUCHED = [
    ("acc = f(0)\nfor x in xs:\n    acc = add(acc, f(x))  # here\n", "no loop puts values"),
    ("acc = 0\nfor x in xs:\n    acc = delayed(f)(acc)  # here\n", "no loop puts values"),
    ("acc = []\n" + CHAIN + "else:\n    print(1)\n", "an else"),
    ("acc = pairs = []\n" + CHAIN, "pairs is taken"),
    ("acc = acc_parts = []\n" + CHAIN, "acc_parts is taken"),
    ("acc = []\n" + CHAIN.replace("(x))", "(x), dask_key_name=str(x))"), "from pass to pass"),
    ("one = add\n" + CHAIN.replace("(add)", "(one)"), "stand for something else"),
]


@pytest.mark.parametrize(("cell", "reason"), UNTOUCHED)
def test_it_leaves_alone(cell: str, reason: str) -> None:
    assert reason in refused("fold-as-tree", SETUP, cell, at="# here")


TREE = """\
while len(acc_parts) > 1:
    pairs = zip(acc_parts[::2], acc_parts[1::2])
    acc_parts[: len(acc_parts) // 2 * 2] = [{} for one, other in pairs]
acc = acc_parts[0]
"""
REWRITTEN = [
    pytest.param("acc = []\n\n# all\n" + CHAIN + "acc = dask.compute(acc)[0]\n",
                 "acc = []\n\n# all\nacc_parts = [acc]\nfor x in xs:\n"
                 "    acc_parts.append(delayed(f)(x))  # here\n"
                 + TREE.format("delayed(add)(one, other)")
                 + "acc = dask.compute(acc)[0]\n", id="a call"),
    pytest.param("%matplotlib inline\nacc = []\nfor x in xs:\n    acc += delayed(f)(x)  # here\n",
                 "%matplotlib inline\nacc = []\nacc_parts = [acc]\nfor x in xs:\n"
                 "    acc_parts.append(delayed(f)(x))  # here\n" + TREE.format("one + other"),
                 id="an operator, on the spot"),
    pytest.param("acc = []\nfor x in xs:\n    acc = delayed(f)( x ) + acc  # here\n",
                 "acc = []\nacc_parts = [acc]\nfor x in xs:\n"
                 "    acc_parts.append(delayed(f)( x ))  # here\n" + TREE.format("other + one"),
                 id="an operator, the other way round"),
    pytest.param("acc = []\nfor x in xs:\n    if x % 3:\n        y = delayed(f)(x)\n"
                 "        acc = delayed(add)(acc, y)  # here\n",
                 "acc = []\nacc_parts = [acc]\nfor x in xs:\n    if x % 3:\n"
                 "        y = delayed(f)(x)\n        acc_parts.append(y)  # here\n"
                 + TREE.format("delayed(add)(one, other)"), id="on a condition"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), REWRITTEN)
def test_it_puts_neighbours_together(before: str, after: str) -> None:
    assert rewritten("fold-as-tree", SETUP, before, at="# here") == (after, "ask")


@pytest.mark.parametrize("count", [0, 1, 2, 7])
@pytest.mark.parametrize(("before", "after"), REWRITTEN)
def test_it_computes_the_same(before: str, after: str, count: int) -> None:
    plain = SETUP + f"xs = xs[:{count}]\n"
    results = []
    for text in (before, after):
        names: dict[str, Any] = {}
        exec(plain + text.removeprefix("%matplotlib inline\n"), names)  # noqa: S102 - this test's
        results.append(names["dask"].compute(names["acc"])[0])
    assert results[0] == results[1]

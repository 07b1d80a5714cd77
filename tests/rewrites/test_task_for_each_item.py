from __future__ import annotations

from typing import Any

import dask
import pytest
from proposing import refused, rewritten

SETUP = """\
import dask
from dask import delayed
from dask.distributed import Client
client = Client
def f(x, k=1): return [x * k]
def each(xs, k=1): return [f(x, k) for x in xs]
def total(xs):
    n = 0
    for x in xs:
        n += len(f(x))
    return n
xs = list(range(7))
"""

UNTOUCHED = [
    ("r = each(xs)  # here\n", "no task on this line"),
    ("r = [delayed(each)([x]) for x in xs]  # here\n", "no task on this line"),
    ("sum = 3\nr = delayed(each)(xs)  # here\n", "the name sum"),
    ("def all(xs):\n    for x in xs:\n        f(x)\nr = delayed(all)(xs)  # here\n", "no list"),
    (("def all(xs):\n    out = {}\n    for x in xs:\n        out[x] = f(x)\n    return out\n"
     "r = delayed(all)(xs)  # here\n"), "no list"),
    ("item = x = xs\nr = delayed(each)(x + item)  # here\n", "the name item"),
]  # fmt: skip


@pytest.mark.parametrize(("cell", "reason"), UNTOUCHED)
def test_it_leaves_alone(cell: str, reason: str) -> None:
    assert reason in refused("task-for-each-item", SETUP, cell, at="# here")


REWRITTEN = [
    pytest.param("%matplotlib inline\nr = delayed(each)( xs, k=2 ).compute()  # here\n",
                 "%matplotlib inline\nr = delayed(sum)([delayed(each)( [x], k=2 ) for x in xs], "
                 "[]).compute()  # here\n", id="a list of results"),
    pytest.param("r = dask.delayed(total)(xs)  # here\n",
                 "r = delayed(sum)([dask.delayed(total)([x]) for x in xs])  # here\n", id="a sum"),
    pytest.param("r = delayed(total)(xs=[x for x in xs])  # here\n",
                 "r = delayed(sum)([delayed(total)(xs=[item]) for item in [x for x in xs]])"
                 "  # here\n", id="a name that is taken"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), REWRITTEN)
def test_it_makes_a_task_for_each_item(before: str, after: str) -> None:
    assert rewritten("task-for-each-item", SETUP, before, at="# here") == (after, "ask")


def test_it_makes_a_future_for_each_item() -> None:
    setup = SETUP.replace("client = Client", "client = Client()")
    before = "r = client.submit(each, xs).result()  # here\n"
    after = "r = client.submit(sum, [client.submit(each, [x]) for x in xs], []).result()  # here\n"
    assert rewritten("task-for-each-item", setup, before, at="# here") == (after, "ask")


@pytest.mark.parametrize("count", [0, 1, 7])
@pytest.mark.parametrize(("before", "after"), REWRITTEN)
def test_it_computes_the_same(before: str, after: str, count: int) -> None:
    results = []
    for text in (before, after):
        names: dict[str, Any] = {}
        plain = text.removeprefix("%matplotlib inline\n")
        exec(f"{SETUP}xs = xs[:{count}]\n{plain}", names)  # noqa: S102 - this test's own text
        results.append(dask.compute(names["r"])[0])
    assert results[0] == results[1]

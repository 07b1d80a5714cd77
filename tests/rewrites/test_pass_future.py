from __future__ import annotations

import pytest

from dask_lens import rewrites
from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Proposal, Untouched

SETUP = "from dask.distributed import Client\nclient = Client()\nfut = client.submit(abs, 1)"


def propose(source: str) -> Proposal | Untouched:
    rewrite = rewrites.catalogue()["pass-future"]
    return rewrite.propose((Cell(SETUP), Cell(source)), Place(1, 1), {"name": "fut"})


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        pytest.param("client.submit(f, Job(fut))", "by hand", id="an object"),
        pytest.param("client.submit(lambda: fut.status)", "more than", id="not its result"),
        pytest.param("client.submit(lambda *a: fut.result())", "any number", id="any arguments"),
        pytest.param("client.submit(lambda: fut.result(), fut=1)", "already", id="taken"),
    ],
)
def test_it_leaves_alone(source: str, reason: str) -> None:
    made = propose(source)
    assert isinstance(made, Untouched)
    assert reason in made.reason


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("a = client.submit(lambda: fut.result() + 1)  # go",
                     "a = client.submit(lambda fut: fut + 1, fut=fut)  # go", id="no parameter"),
        pytest.param("client.map(lambda x: g(x, fut.result()), xs, pure=False)",
                     "client.map(lambda x, fut: g(x, fut), xs, pure=False, fut=fut)", id="a map"),
    ],
)  # fmt: skip
def test_the_future_is_passed(before: str, after: str) -> None:
    made = propose(before)
    assert isinstance(made, Proposal)
    assert (made.edits[0].after, made.safety) == (after, "ask")
    assert isinstance(propose(after), Untouched)

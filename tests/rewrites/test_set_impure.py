from __future__ import annotations

import pytest
from proposing import refused, rewritten

from dask_lens import rewrites
from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Proposal

NAME = "set-impure"
SETUP = "from dask.distributed import Client\nclient = Client()"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        pytest.param("[client.submit(f, **more) for _ in xs]", "**", id="**kwargs"),
        pytest.param("pool.submit(f)", "no submit", id="another kind of pool"),
        pytest.param("[client.submit(f, pure=False) for _ in xs]", "already", id="it is there"),
    ],
)  # fmt: skip
def test_it_leaves_alone(source: str, reason: str) -> None:
    assert reason in refused(NAME, SETUP, source, at="submit")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("[client.submit(f) for _ in xs]  # go",
                     "[client.submit(f, pure=False) for _ in xs]  # go", id="a submit"),
        pytest.param("futs = client.map(\n    f,\n    [0] * 9,\n)  # submit",
                     "futs = client.map(\n    f,\n    [0] * 9,\n    pure=False,\n)  # submit",
                     id="a map over several lines"),
        pytest.param("client.submit(f, pure=True)", "client.submit(f, pure=False)",
                     id="the other value"),
    ],
)  # fmt: skip
def test_each_call_runs(before: str, after: str) -> None:
    assert rewritten(NAME, SETUP, before, at="client.") == (after, "ask")


def test_it_is_the_same_where_the_function_is_known_to_differ() -> None:
    cells = (Cell(SETUP), Cell("[client.submit(f) for _ in xs]"))
    made = rewrites.catalogue()[NAME].propose(cells, Place(1, 1), {"known": True})
    assert isinstance(made, Proposal)
    assert made.safety == "same"

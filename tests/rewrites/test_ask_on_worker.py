from __future__ import annotations

import pytest
from proposing import refused, rewritten

NAME = "ask-on-worker"
SETUP = "from dask.distributed import Client\nclient = Client()\nfut = client.submit(f, 1)\n"


ASKED = [
    pytest.param("n = fut.result().shape[0]  # go",
                 "n = client.submit(lambda value: value.shape, fut).result()[0]  # go",
                 id="an attribute"),
    pytest.param("n = client.gather( fut ).dtype",
                 "n = client.submit(lambda value: value.dtype, fut).result()",
                 id="of what is gathered"),
    pytest.param("n = 1 + len( fut.result() )", "n = 1 + client.submit(len, fut).result()",
                 id="the length"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), ASKED)
def test_a_task_tells(before: str, after: str) -> None:
    assert rewritten(NAME, SETUP, before, at="n =") == (after, "ask")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        pytest.param("fut.result()", "no attribute", id="the result itself"),
        pytest.param("fut.result(timeout=3).shape", "limit of time", id="a timeout"),
        pytest.param(
            "client.gather(fut, direct=True).shape  # result",
            "more than the future",
            id="how to gather",
        ),
        pytest.param(
            "[f.result().shape for f in client.map(f, xs)]",
            "each pass",
            id="a result in each pass of a loop",
        ),
        pytest.param("a = Client().submit(f)\na.result().shape", "no name", id="no client"),
    ],
)
def test_it_leaves_alone(source: str, reason: str) -> None:
    assert reason in refused(NAME, SETUP, source, at="result")

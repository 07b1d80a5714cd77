from __future__ import annotations

import pytest
from proposing import refused, rewritten

NAME = "ask-on-worker"
SETUP = "from dask.distributed import Client\nclient = Client()\nfut = client.submit(f, 1)\n"


def test_a_task_reads_the_attribute() -> None:
    after = "n = client.submit(lambda value: value.shape, fut).result()[0]  # go"
    before = "n = fut.result().shape[0]  # go"
    assert rewritten(NAME, SETUP, before, at="shape") == (after, "ask")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        pytest.param("fut.result()", "no attribute", id="the result itself"),
        pytest.param("fut.result(timeout=3).shape", "limit of time", id="a timeout"),
        pytest.param("a = Client().submit(f)\na.result().shape", "no name", id="no client"),
    ],
)
def test_it_leaves_alone(source: str, reason: str) -> None:
    assert reason in refused(NAME, SETUP, source, at="result")

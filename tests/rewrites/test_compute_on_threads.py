from __future__ import annotations

import pytest
from proposing import refused, rewritten

NAME = "compute-on-threads"
SETUP = "import dask\nimport dask.bag as db"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        pytest.param("dask.compute(a, scheduler=mine)", "not processes", id="some scheduler"),
        pytest.param("dask.compute(a, scheduler='threads')", "not processes", id="threads"),
        pytest.param("dask.compute(a, **more)", "**", id="**kwargs"),
        pytest.param("dask.compute(a, pool=mine)", "pool", id="a pool of the user's own"),
        pytest.param("from dask.distributed import Client\nc = Client()\ndask.compute(a)",
                     "client", id="a client is there"),
        pytest.param("x = 3  # .compute(", "no call", id="nothing that computes"),
    ],
)  # fmt: skip
def test_it_leaves_alone(source: str, reason: str) -> None:
    assert reason in refused(NAME, SETUP, source, at="compute(")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("x = dask.compute(a, chunksize=1, scheduler='processes')  # go",
                     'x = dask.compute(a, scheduler="threads")  # go', id="processes by name"),
        pytest.param("x = db.range(9, 3).compute()",
                     'x = db.range(9, 3).compute(scheduler="threads")', id="a bag"),
    ],
)  # fmt: skip
def test_it_names_the_scheduler(before: str, after: str) -> None:
    assert rewritten(NAME, SETUP, before, at="compute(") == (after, "ask")

from __future__ import annotations

import pytest
from proposing import refused, rewritten

NAME = "separate-threads"
SETUP = "from dask.distributed import Client, LocalCluster"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        pytest.param("client = Client('tcp://here:8786')", "elsewhere", id="an address"),
        pytest.param("client = Client(address=cluster)", "elsewhere", id="a cluster"),
        pytest.param("client = Client(threads_per_worker=1)", "one thread", id="one thread each"),
        pytest.param("client = Client(n_workers=n, threads_per_worker=2)", "number",
                     id="a number that is not written down"),
        pytest.param("client = Client(**options)", "**", id="**kwargs"),
        pytest.param("cluster = LocalCluster(4)", "by name", id="by position"),
        pytest.param("client = 3", "no client", id="no client"),
    ],
)  # fmt: skip
def test_it_leaves_alone(source: str, reason: str) -> None:
    assert reason in refused(NAME, SETUP, source, at="=")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("client = Client()", "client = Client(threads_per_worker=1)", id="Client()"),
        pytest.param("client = Client(processes=False)", "client = Client(threads_per_worker=1)",
                     id="threads of this process"),
        pytest.param("c = Client(processes=False, n_workers=1, threads_per_worker=4)",
                     "c = Client(n_workers=4, threads_per_worker=1)", id="as many as threads"),
        pytest.param("cluster = LocalCluster(n_workers=2, threads_per_worker=3)  # mine",
                     "cluster = LocalCluster(n_workers=6, threads_per_worker=1)  # mine",
                     id="a cluster"),
        pytest.param("client = Client(n_workers=2, dashboard_address=':0')",
                     "client = Client(dashboard_address=':0', threads_per_worker=1)",
                     id="workers that share the processors"),
    ],
)  # fmt: skip
def test_each_thread_gets_a_process(before: str, after: str) -> None:
    assert rewritten(NAME, SETUP, before, at="=") == (after, "ask")

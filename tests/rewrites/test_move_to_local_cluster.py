from __future__ import annotations

import pytest
from proposing import refused, rewritten

NAME = "move-to-local-cluster"
SETUP = "import dask\nimport dask.bag as db\nfrom dask import delayed"
MADE = """\
from dask.distributed import LocalCluster
cluster = LocalCluster()
client = cluster.get_client()
"""


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        pytest.param("def main():\n    dask.compute(a, scheduler='processes')", "function",
                     id="a call in a function"),
        pytest.param("dask.compute(a, **more)", "**", id="**kwargs"),
        pytest.param("dask.compute(a, scheduler='processes', pool=mine)", "pool",
                     id="a pool of the user's own"),
        pytest.param("with dask.config.set(scheduler='processes'):\n    dask.compute(a)",
                     "dask.config.set", id="the scheduler is in the settings around"),
        pytest.param("LocalCluster = 3\ndask.compute(a)", "something else",
                     id="the name is taken"),
        pytest.param("from dask.distributed import Client\nc = Client()\ndb.range(4, 4).compute()",
                     "already goes to the client", id="a bag beside a client"),
    ],
)  # fmt: skip
def test_it_leaves_alone(source: str, reason: str) -> None:
    assert reason in refused(NAME, SETUP, source, at="compute(")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "x = dask.compute(a, scheduler='processes')",
            MADE + "x = dask.compute(a)",
            id="dask.compute",
        ),
        pytest.param(
            "y = 1\n\n# all of them\nfor i in z:\n    dask.compute(i, scheduler='processes')\n",
            "y = 1\n\n" + MADE + "# all of them\nfor i in z:\n    dask.compute(i)\n",
            id="before the loop that it stands in",
        ),
        pytest.param(
            "%time dask.compute(a, scheduler='processes')  # go\n!ls",
            MADE + "%time dask.compute(a)  # go\n!ls",
            id="behind a magic",
        ),
        pytest.param(
            "%%time\ndask.compute(\n    a,\n    scheduler='processes',\n)",
            "%%time\n" + MADE + "dask.compute(\n    a,\n)",
            id="in a timed cell, an argument on each line",
        ),
        pytest.param(
            "dask.compute(a, chunksize=1, num_workers=n + 1, scheduler='processes')",
            MADE.replace("LocalCluster()", "LocalCluster(n_workers=n + 1, threads_per_worker=1)")
            + "dask.compute(a)",
            id="as many processes as before",
        ),
        pytest.param(
            "db.range(4, 4).map(f).compute(scheduler='processes')",
            MADE + "db.range(4, 4).map(f).compute()",
            id="the only argument",
        ),
        pytest.param(
            "client = cluster = 3\ndask.compute(a)",
            "client = cluster = 3\n"
            + MADE.replace("cluster =", "dask_cluster =")
            .replace("client =", "dask_client =")
            .replace("cluster.get", "dask_cluster.get")
            + "dask.compute(a)",
            id="names that are taken",
        ),
        pytest.param(
            "from dask.distributed import LocalCluster as LC\ndask.compute(a)",
            "from dask.distributed import LocalCluster as LC\n"
            "cluster = LC()\nclient = cluster.get_client()\ndask.compute(a)",
            id="an import that is there",
        ),
    ],
)
def test_it_makes_a_client_first(before: str, after: str) -> None:
    # Once moved, a second look sees a client and finds nothing left to do.
    assert rewritten(NAME, SETUP, before, at="compute(") == (after, "ask")


def test_a_call_in_a_function_uses_a_client_that_is_there() -> None:
    made = "from dask.distributed import Client\nclient = Client()\n"
    before = made + "def go():\n    return dask.compute(a, scheduler='processes')"
    after = made + "def go():\n    return dask.compute(a)"
    assert rewritten(NAME, SETUP, before, at="compute(") == (after, "ask")


def test_a_client_of_an_earlier_cell_is_used() -> None:
    made = "from dask.distributed import Client\nc = Client()"
    before = "dask.compute(a, scheduler='processes', chunksize=6)"
    assert rewritten(NAME, SETUP, made, before, at="compute(") == ("dask.compute(a)", "ask")

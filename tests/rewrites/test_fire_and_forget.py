from __future__ import annotations

import pytest
from proposing import refused, rewritten

NAME = "fire-and-forget"
SETUP = "from dask.distributed import Client\nclient = Client()"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        pytest.param("for x in xs:\n    fut = client.submit(g, x)", "has a name",
                     id="a future with a name"),
        pytest.param("fire_and_forget = 3\nclient.submit(g, 1)\n1", "something else",
                     id="the name is taken"),
        pytest.param("futs.append(client.submit(g, 1))", "drops", id="a future that is kept"),
        pytest.param("(client.submit(g, x) for x in xs)\n1", "generator", id="a generator"),
    ],
)  # fmt: skip
def test_it_leaves_alone(source: str, reason: str) -> None:
    assert reason in refused(NAME, SETUP, source, at="submit")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "client.submit(g, 1)  # go\n1",
            "from dask.distributed import fire_and_forget\n"
            "fire_and_forget(client.submit(g, 1))  # go\n1",
            id="one call",
        ),
        pytest.param(
            "import distributed\nif x:\n    [client.submit(g, y) for y in x]\n",
            "import distributed\nif x:\n"
            "    distributed.fire_and_forget([client.submit(g, y) for y in x])\n",
            id="a list, by the module",
        ),
        pytest.param(
            "from distributed import fire_and_forget as let_go\n%time client.submit(g, 1)\n1",
            "from distributed import fire_and_forget as let_go\n"
            "%time let_go(client.submit(g, 1))\n1",
            id="by an alias, behind a magic",
        ),
    ],
)
def test_the_scheduler_keeps_the_task(before: str, after: str) -> None:
    assert rewritten(NAME, SETUP, before, at="submit") == (after, "ask")

from __future__ import annotations

import pytest
from proposing import refused, rewritten

NAME = "keep-futures"
SETUP = "from dask.distributed import Client\nclient = Client()"
WAIT = "from dask.distributed import wait\n"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        pytest.param("client.submit(g, 1)\n1", "no loop", id="one call"),
        pytest.param("while True:\n    client.submit(g, 1)", "does not end", id="an endless loop"),
        pytest.param("async def go():\n    for x in xs:\n        client.submit(g, x)", "awaited",
                     id="an asynchronous function"),
        pytest.param("for x in xs:\n    fut = client.submit(g, x)\nfut.result()", "read elsewhere",
                     id="the last future is read"),
        pytest.param("def go():\n    fut = client.submit(g, 1)", "function ends",
                     id="a name of a function"),
        pytest.param("futs = [client.submit(g, x)]", "drops", id="a future that is kept"),
        pytest.param("wait = 3\nfor x in xs:\n    client.submit(g, x)", "something else",
                     id="the name wait is taken"),
    ],
)  # fmt: skip
def test_it_leaves_alone(source: str, reason: str) -> None:
    assert reason in refused(NAME, SETUP, source, at="submit")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "for x in xs:\n    client.submit(g, x)  # go\nprint(1)",
            WAIT + "futures = []\nfor x in xs:\n    futures.append(client.submit(g, x))  # go\n"
            "wait(futures)\nprint(1)",
            id="a loop",
        ),
        pytest.param(
            "from dask.distributed import wait, progress\n\n# all\nfor a in xs:\n"
            "    for b in a:\n        if b:\n            client.map(g, b)\n",
            "from dask.distributed import wait, progress\n\nfutures = []\n# all\nfor a in xs:\n"
            "    for b in a:\n        if b:\n            futures.extend(client.map(g, b))\n"
            "wait(futures)\n",
            id="a map in a branch of an inner loop",
        ),
        pytest.param(
            "import dask.distributed as dd\nfor x in xs: client.submit(g, x)",
            "import dask.distributed as dd\nfutures = []\n"
            "for x in xs: futures.append(client.submit(g, x))\ndd.wait(futures)",
            id="a loop on one line, by the module",
        ),
        pytest.param(
            "for x in xs:\n    fut = client.submit(g, x)\n",
            WAIT + "futures = []\nfor x in xs:\n    futures.append(client.submit(g, x))\n"
            "wait(futures)\n",
            id="a name that nothing reads",
        ),
        pytest.param(
            "%%time\n'''Doc.'''\nfutures = 1\n!ls\nfor x in xs:\n\tclient.submit(\n\t\tg, x)\n",
            "%%time\n'''Doc.'''\n" + WAIT + "futures = 1\n!ls\ndask_futures = []\nfor x in xs:\n"
            "\tdask_futures.append(client.submit(\n\t\tg, x))\nwait(dask_futures)\n",
            id="between magics, with tabs",
        ),
        pytest.param(
            "from distributed import progress\nclient.map(g, xs)  # submit\n1",
            "from distributed import progress, wait\nwait(client.map(g, xs))  # submit\n1",
            id="a map outside loops",
        ),
        pytest.param(
            "def go(xs):\n    for x in xs:\n        client.submit(g, x)\n    return 1\n",
            WAIT + "def go(xs):\n    futures = []\n    for x in xs:\n"
            "        futures.append(client.submit(g, x))\n    wait(futures)\n    return 1\n",
            id="in a function",
        ),
    ],
)
def test_the_futures_are_kept(before: str, after: str) -> None:
    assert rewritten(NAME, SETUP, before, at="client.") == (after, "same")

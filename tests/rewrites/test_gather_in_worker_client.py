from __future__ import annotations

import pytest
from proposing import refused, rewritten

NAME = "gather-in-worker-client"
SETUP = "from dask.distributed import Client\nclient = Client()"
USE = "client.submit(f, 1)"
GET = "from dask.distributed import get_client\n"
WITH = "from dask.distributed import worker_client\n"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        pytest.param(GET + "def f(x):\n    if x:\n        c = get_client()\n"
                     "        return c.submit(g, x)", "another block", id="a client in a block"),
        pytest.param(WITH + "def f(x):\n    with worker_client() as c:\n"
                            "        out = c.map(g, x)\n"
                     "    return out", "block has ended", id="a return behind the block"),
        pytest.param(GET + "worker_client = 3\ndef f(x):\n    c = get_client()\n"
                     "    return c.map(g, x)", "something else", id="the name is taken"),
        pytest.param(GET + "def f(x):\n    c = get_client()\n"
                     "    return (c.submit(g, i) for i in x)", "generator", id="a generator"),
        pytest.param(GET + "async def f(x):\n    c = get_client()\n    return c.map(g, x)",
                     "asynchronous", id="an asynchronous task"),
    ],
)  # fmt: skip
def test_it_leaves_alone(source: str, reason: str) -> None:
    assert reason in refused(NAME, SETUP, source, USE, at="return", cell=1)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            GET + "def f(x):\n    c = get_client()\n    return c.map(g, x)  # all\n",
            WITH + "def f(x):\n    with worker_client() as c:\n"
            "        return c.gather(c.map(g, x))  # all\n",
            id="the simple form",
        ),
        pytest.param(
            WITH + "def f(x):\n    with worker_client() as c:\n        return c.map(g, x)",
            WITH
            + "def f(x):\n    with worker_client() as c:\n        return c.gather(c.map(g, x))",
            id="a block that is there",
        ),
        pytest.param(
            GET + "def f(x):\n    return get_client().map(g, x)",
            WITH + "def f(x):\n    with worker_client() as inner_client:\n"
            "        return inner_client.gather(inner_client.map(g, x))",
            id="a client without a name",
        ),
        pytest.param(
            GET + "def f(x):\n    'Doc.'\n    y = 1\n    c = get_client()  # ask\n    if x:\n"
            "        y = '''\nnot indented'''\n\n    a = c.submit(g, y)\n    return a, y\n",
            WITH + "def f(x):\n    'Doc.'\n    y = 1\n    with worker_client() as c:  # ask\n"
            "        if x:\n            y = '''\nnot indented'''\n\n        a = c.submit(g, y)\n"
            "        return c.gather((a, y))\n",
            id="the rest of the function moves into the block",
        ),
        pytest.param(
            "import dask.distributed as dd\ndef f(x):\n    c = dd.get_client()\n"
            "    return [c.submit(g, i) for i in x]",
            "import dask.distributed as dd\ndef f(x):\n    with dd.worker_client() as c:\n"
            "        return c.gather([c.submit(g, i) for i in x])",
            id="by the module's name",
        ),
        pytest.param(
            "from dask.distributed import Client\ndef f(x):\n    c = Client.current()\n"
            "    return c.map(g, x)",
            WITH + "from dask.distributed import Client\ndef f(x):\n"
            "    with worker_client() as c:\n        return c.gather(c.map(g, x))",
            id="the current client",
        ),
        pytest.param(
            "from dask.distributed import (\n    get_client,\n    wait,\n)\ndef f(x):\n"
            "    c = get_client()\n    return c.map(g, x)\nget_client()",
            "from dask.distributed import (\n    get_client, worker_client,\n    wait,\n)\n"
            "def f(x):\n    with worker_client() as c:\n        return c.gather(c.map(g, x))\n"
            "get_client()",
            id="an import that is still needed",
        ),
    ],
)
def test_the_task_waits_inside(before: str, after: str) -> None:
    found = rewritten(NAME, SETUP, before, USE, at="return", cell=1)
    assert found == (after, "ask")

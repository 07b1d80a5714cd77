from __future__ import annotations

import pytest
from proposing import refused, rewritten

NAME = "wait-in-worker-client"
SETUP = "from dask.distributed import Client\nclient = Client()"
USE = "client.map(f, xs)"
GET = "from dask.distributed import get_client\n"
WITH = "from dask.distributed import worker_client\n"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        pytest.param(GET + "f = lambda x: get_client().submit(g, x).result()", "lambda",
                     id="a lambda"),
        pytest.param(GET + "async def f(x):\n    c = get_client()\n    return c.gather(x)",
                     "runs as a task", id="an asynchronous function"),
        pytest.param(GET + "def f(x):\n    if x:\n        c = get_client()\n"
                     "    return c.gather(c.map(g, x))", "outside the block",
                     id="a client that leaves its block"),
        pytest.param(GET + "worker_client = 3\ndef f(x):\n    c = get_client()\n"
                     "    return c.gather(c.map(g, x))", "something else", id="the name is taken"),
        pytest.param(GET + "def f(x):\n    c = get_client()\n    a = c.gather(c.map(g, x))\n"
                     "    c = 1\n    return a", "more than one thing",
                     id="the client's name is used again"),
        pytest.param(WITH + "def f(x):\n    with worker_client() as c:\n"
                     "        return c.gather(c.map(g, x))", "keeps its thread",
                     id="a block that is there"),
        pytest.param(GET + "def f(x):\n    for r in get_client().gather(x):\n        g(r)",
                     "statement of its own", id="a client in the head of a loop"),
        pytest.param(GET + "def f(x):\n    c = get_client()\n    !ls\n    return c.gather(x)",
                     "magic", id="a magic that would have to move"),
    ],
)  # fmt: skip
def test_it_leaves_alone(source: str, reason: str) -> None:
    at = "gather" if "gather" in source else "result"
    assert reason in refused(NAME, SETUP, source, USE, at=at, cell=1)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            GET + "def f(x):\n    c = get_client()\n    return c.gather(c.map(g, x))  # all\n",
            WITH + "def f(x):\n    with worker_client() as c:\n"
            "        return c.gather(c.map(g, x))  # all\n",
            id="a client with a name",
        ),
        pytest.param(
            GET + "def f(n):\n    if n < 2:\n        return n\n    else:\n"
            "        c = get_client()\n        a = c.submit(f, n - 1)\n"
            "        return c.gather(a)\n",
            WITH + "def f(n):\n    if n < 2:\n        return n\n    else:\n"
            "        with worker_client() as c:\n            a = c.submit(f, n - 1)\n"
            "            return c.gather(a)\n",
            id="in a branch",
        ),
        pytest.param(
            GET + "def f(x):\n    return get_client().gather(get_more(x))",
            WITH + "def f(x):\n    with worker_client() as inner_client:\n"
            "        return inner_client.gather(get_more(x))",
            id="a client without a name",
        ),
        pytest.param(
            GET + "def f(x):\n    return get_client().submit(g, x).result() + 1  # gather\n",
            WITH + "def f(x):\n    with worker_client() as inner_client:\n"
            "        return inner_client.gather(inner_client.submit(g, x)) + 1  # gather\n",
            id="a result, which is gathered",
        ),
        pytest.param(
            GET + "def f(x):\n    c = get_client()\n    a = c.submit(g, x)\n"
            "    return a.result(timeout=3) + c.gather(a)\n",
            WITH + "def f(x):\n    with worker_client() as c:\n        a = c.submit(g, x)\n"
            "        return a.result(timeout=3) + c.gather(a)\n",
            id="a result with a limit of time, which gather does not know",
        ),
        pytest.param(
            "import distributed\n@delayed\ndef f(x):\n\tc = distributed.get_client()\n"
            "\treturn c.gather(x)\n%time 1",
            "import distributed\n@delayed\ndef f(x):\n\twith distributed.worker_client() as c:\n"
            "\t\treturn c.gather(x)\n%time 1",
            id="by its module, with tabs and magics",
        ),
        pytest.param(
            "from dask.distributed import get_client, wait\ndef f(x):\n    c = get_client()\n"
            "    wait(c.map(g, x))  # c.gather\ndef h():\n    return get_client()\n",
            "from dask.distributed import get_client, worker_client, wait\ndef f(x):\n"
            "    with worker_client() as c:\n        wait(c.map(g, x))  # c.gather\n"
            "def h():\n    return get_client()\n",
            id="get_client is needed elsewhere",
        ),
    ],
)
def test_the_task_leaves_its_thread(before: str, after: str) -> None:
    assert rewritten(NAME, SETUP, before, USE, at="gather", cell=1) == (after, "ask")

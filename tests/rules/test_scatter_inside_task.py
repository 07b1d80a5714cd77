from __future__ import annotations

import pytest
from reading import assert_found, findings

from dask_lens.rules.scatter_inside_task import rule

SETUP = """\
import dask
from dask.distributed import *
client = Client()
def g(x): return x
"""

FINE = [
    pytest.param("def f(x):\n    c = get_client()\n    return c.scatter(x)\nclient.submit(f, 1)",
                 id="what is scattered is returned, another rule's"),
    pytest.param("def f(x):\n    fut = client.scatter(x)\n    return client.submit(g, fut)\nf(1)",
                 id="the function runs here"),
    pytest.param("def f(x):\n    with worker_client() as c:\n"
                 "        p = c.scatter(x, hash=False)\n"
                 "        return c.submit(g, p).result()\nclient.submit(f, 1)", id="hash=False"),
    pytest.param("import matplotlib.pyplot as plt\ndef f(x):\n    fig, ax = plt.subplots()\n"
                 "    ax.scatter(x, x)\n    plt.scatter(x, x)\nclient.submit(f, [1])",
                 id="a scatter plot"),
    pytest.param("def f(df):\n    df.plot.scatter(x='a', y='b')\nclient.submit(f, 1)",
                 id="a scatter plot of pandas"),
    pytest.param("fut = client.scatter([1])\nclient.submit(g, fut)", id="scattered here"),
    pytest.param("def f(c, x):\n    return g(c.scatter(x))\nf(client, 1)",
                 id="the client is given"),
]  # fmt: skip


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_where(source: str) -> None:
    assert findings(rule, SETUP, source) == []


FOUND = [
    pytest.param("def f(x):\n    c = get_client()\n    p = c.scatter(x)  # found here\n"
                 "    return c.gather(c.map(g, p))\nclient.submit(f, [1])", id="get_client"),
    pytest.param("def f(x):\n    with worker_client() as c:\n"
                 "        p = c.scatter(x, broadcast=True)  # found here\n"
                 "        return c.submit(g, p).result()\nclient.map(f, [1])", id="worker_client"),
    pytest.param("@dask.delayed\ndef f(x):\n    c = Client.current()\n    secede()\n"
                 "    futs = [c.submit(g, c.scatter(y)) for y in x]  # found here\n"
                 "    return c.gather(futs)\nf([1])", id="in a comprehension"),
    pytest.param("def send(c, x): return c.scatter(x)  # found here\ndef f(x):\n"
                 "    c = get_client()\n    return c.gather(c.submit(g, send(c, x)))\n"
                 "client.submit(f, 1)", id="in a function of its own"),
]  # fmt: skip


@pytest.mark.parametrize("source", FOUND)
def test_it_is_found(source: str) -> None:
    assert assert_found(rule, SETUP, source).certainty == "likely"

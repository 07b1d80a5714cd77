from __future__ import annotations

import pytest
from reading import assert_found, findings

from dask_lens.record.cell import Cell
from dask_lens.record.computation import Computation
from dask_lens.record.run import Run
from dask_lens.record.task import Task
from dask_lens.rules.result_inside_task import rule

SETUP = """\
import dask
from dask.distributed import *
client = Client()
def g(x): return x
"""
TASK = "def f(x):\n    with worker_client() as c:\n        return c.submit(g, x).result()"

FINE = [
    pytest.param("def f(x):\n    with worker_client() as c:\n"
                 "        return c.gather(c.submit(g, x))\nclient.submit(f, 1)", id="gathered"),
    pytest.param("def f(x):\n    c = get_client()\n    return c.submit(g, x).result()\n"
                 "client.map(f, [1])", id="the thread is kept, another rule's"),
    pytest.param("client.submit(g, 1).result()", id="fetched here"),
    pytest.param("def f(x):\n    return client.submit(g, x).result()\nf(1)",
                 id="the function runs here"),
    pytest.param("async def f(x):\n    async with worker_client() as c:\n"
                 "        return await c.submit(g, x).result()\nclient.submit(f, 1)",
                 id="an asynchronous task"),
    pytest.param("from concurrent.futures import ThreadPoolExecutor\ndef f(x):\n"
                 "    with ThreadPoolExecutor() as c:\n        return c.submit(g, x).result()\n"
                 "client.submit(f, 1)", id="a thread pool"),
    pytest.param("def f(job):\n    return job.result()\nclient.submit(f, 1)",
                 id="something not known"),
]  # fmt: skip


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_where(source: str) -> None:
    assert findings(rule, SETUP, source) == []


FOUND = [
    pytest.param(TASK + "  # found here\nclient.submit(f, 1)", id="in a worker_client block"),
    pytest.param("def f(x):\n    with worker_client() as c:\n        futs = c.map(g, x)\n"
                 "        return [fut.result() for fut in futs]  # found here\n"
                 "client.submit(f, [1])", id="one by one"),
    pytest.param("def f(x):\n    c = get_client()\n    fut = c.submit(g, x)\n    secede()\n"
                 "    r = fut.result()  # found here\n    rejoin()\n    return r\n"
                 "client.map(f, [1])", id="after secede"),
    pytest.param("@dask.delayed\ndef f(x):\n    with worker_client() as c:\n"
                 "        for fut in as_completed(c.map(g, x)):\n"
                 "            print(fut.result())  # found here\nf([1])", id="as they complete"),
]  # fmt: skip


@pytest.mark.parametrize("source", FOUND)
def test_it_is_found(source: str) -> None:
    assert assert_found(rule, SETUP, source).certainty == "likely"


def test_small_results_are_no_matter_once_they_are_known() -> None:
    task = Task("g-1", "g", "tcp://a", 1, 0.0, 1.0, nbytes=28)
    nested = Computation("distributed", 0.0, 1.0, 2, (task,), 1, 1.0, nested=True)
    cells = (Cell(SETUP), Cell(TASK + "\nclient.submit(f, 1)"))
    assert list(rule.run(Run(cells, 1, 0.0, 1.0, (nested,)), {})) == []

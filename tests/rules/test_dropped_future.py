from __future__ import annotations

import pytest
from reading import assert_found, findings

from dask_lens.record.cell import Cell, Place
from dask_lens.record.computation import Computation
from dask_lens.record.run import Run
from dask_lens.record.task import Task
from dask_lens.rule import Finding
from dask_lens.rules.dropped_future import rule

SETUP = """\
import dask
import dask.array as da
from dask.distributed import *
client = Client()
def g(x): return x
"""

FINE = [
    pytest.param("for x in xs:\n    futs.append(client.submit(g, x))", id="added to a list"),
    pytest.param("fire_and_forget(client.submit(g, 1))\n1", id="fired and forgotten"),
    pytest.param("wait(client.map(g, xs))\n1", id="waited for"),
    pytest.param("client.submit(g, 1).result()\n1", id="its result is waited for"),
    pytest.param("client.submit(g, 1).add_done_callback(print)\n1",
                 id="a callback holds the future"),
    pytest.param("client.submit(g, 1)", id="shown at the end of a cell"),
    pytest.param("client.map(g, xs)  # ; not really", id="shown, with a comment"),
    pytest.param("[client.submit(g, x) for x in xs]", id="a list shown at the end of a cell"),
    pytest.param("for x in xs:\n    fut = client.submit(g, x)\n    fut.result()",
                 id="a name that is read in the loop"),
    pytest.param("for x in xs:\n    fut = client.submit(g, x)\n    futs.append(fut)",
                 id="a name that is added to a list"),
    pytest.param("x = da.ones(3)\nfor i in range(3):\n    x = client.persist(x + i)",
                 id="a name that its own successor needs"),
    pytest.param("def go():\n    return client.submit(g, 1)", id="returned"),
    pytest.param("def go():\n    fut = client.submit(g, 1)\n    return fut", id="a name returned"),
    pytest.param("def go():\n    global fut\n    fut = client.submit(g, 1)", id="a global name"),
    pytest.param("class A:\n    def go(self):\n        self.fut = client.submit(g, 1)",
                 id="an attribute"),
    pytest.param("fut = client.submit(g, 1)\nx = 1", id="a name of the notebook"),
    pytest.param("await client.submit(g, 1)\nx = 1", id="awaited"),
    pytest.param("client.compute(x, sync=True)\n1", id="a compute that waits"),
    pytest.param("from concurrent.futures import ThreadPoolExecutor\n"
                 "with ThreadPoolExecutor() as pool:\n    pool.submit(g, 1)\n    pool.map(g, [1])",
                 id="a thread pool, which runs them all"),
    pytest.param("import ipyparallel as ipp\nclient = ipp.Client()[:]\nclient.map(g, xs)\n1",
                 id="a client of ipyparallel"),
    pytest.param("import httpx\nclient = httpx.Client()\nclient.submit(1)\n1",
                 id="another kind of client"),
    pytest.param("with client.get_executor() as pool:\n    pool.submit(g, 1)",
                 id="an executor, which holds what it runs"),
    pytest.param("da.ones(3).persist()\n1", id="a persist of a collection, another rule's"),
    pytest.param("q = Queue()\nfor x in xs:\n    q.put(client.submit(g, x))", id="put in a queue"),
    pytest.param("list(map(lambda x: client.submit(g, x), xs))", id="returned by a lambda"),
    pytest.param("d = {x: client.submit(g, x) for x in xs}\n1", id="a dict of them"),
    pytest.param("for x in xs:\n    client.gather(client.submit(g, x))\n", id="gathered"),
    pytest.param("for x in xs:\n    fut, y = client.submit(g, x), 1\n    d[x] = fut",
                 id="unpacked"),
]  # fmt: skip


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_where(source: str) -> None:
    assert findings(rule, SETUP, source) == []


FOUND = [
    pytest.param("for x in xs:\n    client.submit(g, x)  # found here", id="in a loop"),
    pytest.param("client.submit(g, 1)  # found here\nx = 1", id="in the middle of a cell"),
    pytest.param("client.map(g, xs);  # found here", id="a semicolon keeps it out of Out"),
    pytest.param("[client.submit(g, x) for x in xs]  # found here\n1", id="a list of them"),
    pytest.param("for x in xs:\n    fut = client.submit(g, x)  # found here",
                 id="a name that is overwritten"),
    pytest.param("for x in xs:\n    fut = client.submit(g, x)  # found here\nfut.result()",
                 id="only the last one is waited for"),
    pytest.param("def go():\n    client.submit(g, 1)  # found here", id="in a function"),
    pytest.param("def go():\n    fut = client.submit(g, 1)  # found here\n    print('sent')",
                 id="a name that ends with its function"),
    pytest.param("class A:\n    def go(self):\n        c = get_client()\n"
                 "        c.submit(g, 1)  # found here", id="in a method"),
    pytest.param("x = da.ones(3)\nclient.compute(x)  # found here\n1", id="a compute"),
    pytest.param("x = da.ones(3)\nclient.persist(x)  # found here\n1", id="a persist"),
    pytest.param("def f(x):\n    with worker_client() as c:\n        c.map(g, x)  # found here\n"
                 "fut = client.submit(f, 1)", id="by a task"),
    pytest.param("from distributed import Client as C\ne = C()\nif 1:\n"
                 "    e.submit(g, 1)  # found here", id="an alias, in a branch"),
    pytest.param("while go_on():\n    client.submit(g, 1, pure=False)  # found here",
                 id="in a while loop"),
    pytest.param("with Client() as c:\n    c.submit(g, 1)  # found here", id="in a with block"),
    pytest.param("%%time\nfor x in xs:\n    client.submit(g, x)  # found here",
                 id="in a timed cell"),
    pytest.param("async def go():\n    c = await Client(asynchronous=True)\n"
                 "    c.submit(g, 1)  # found here", id="an asynchronous client"),
    pytest.param("def go(c: Client):\n    c.submit(g, 1)  # found here", id="an annotated client"),
]  # fmt: skip


@pytest.mark.parametrize("source", FOUND)
def test_it_is_found(source: str) -> None:
    assert assert_found(rule, SETUP, source).certainty == "likely"


def test_a_script_shows_nothing_so_its_last_line_drops_too() -> None:
    [finding] = rule.run(Run((Cell(SETUP + "client.submit(g, 1)"),)), {})
    assert "client.submit" in str(getattr(finding, "message", ""))


def test_tasks_that_were_dropped_while_they_ran_count_once() -> None:
    cells = (Cell(SETUP), Cell("for x in xs:\n    client.submit(g, x)"))
    tasks = tuple(
        Task(str(n), "g", "w", 1, 0.0, 0.1, status="released" if n else "memory") for n in range(3)
    )
    ran = Computation("distributed", 0.0, 1.0, 2, tasks, 3, place=Place(1, 2), dropped=4)
    [finding] = rule.run(Run(cells, observed=1, computations=(ran,)), {})
    assert isinstance(finding, Finding)
    assert "4 of 5 were" in finding.message

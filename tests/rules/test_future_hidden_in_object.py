from __future__ import annotations

import pytest
from reading import assert_found, findings

from dask_lens.record.call import ObservedCall
from dask_lens.record.cell import Cell, Place
from dask_lens.record.run import Run
from dask_lens.rule import Finding
from dask_lens.rules.future_hidden_in_object import rule

SETUP = """\
from dataclasses import dataclass
from functools import partial
from dask.distributed import *
client = Client()
def g(x, y=0): return x
fut = client.submit(g, 1)
futs = client.map(g, [1, 2])
@dataclass
class Job:
    future: object
"""

FINE = [
    pytest.param("client.submit(g, fut)", id="an argument of its own"),
    pytest.param("client.submit(g, [fut, fut])", id="in a list"),
    pytest.param("client.submit(g, {'a': fut})", id="in a dict"),
    pytest.param("client.submit(g, 1, y=futs)", id="by keyword"),
    pytest.param("client.map(g, futs)", id="a map over futures"),
    pytest.param("client.submit(lambda x: x + 1, fut)", id="a lambda with a parameter"),
    pytest.param("client.submit(lambda fut: fut + 1, fut)", id="a parameter of the same name"),
    pytest.param("job = Job(fut)\njobs = [job]", id="an object that is kept here"),
    pytest.param("client.submit(g, Job(1))", id="an object without a future"),
    pytest.param("job = Job(fut)\nclient.submit(g, job.future)", id="the future of an object"),
    pytest.param("class Model:\n    def __init__(self, w): self.w = w\n"
                 "    def run(self, x): return self.w + x\nm = Model(fut.result())\n"
                 "client.map(m.run, [1])", id="a method of an object with the result"),
    pytest.param("client.submit(g, Job(fut.result()))", id="an object with the result"),
    pytest.param("client.submit(g, Job(fut.key))", id="an object with the key"),
    pytest.param("client.submit(partial(g, y=1), fut)", id="a partial without a future"),
    pytest.param("def f(x):\n    fut = g(x)\n    return fut\nclient.submit(f, 1)",
                 id="a name of the function's own"),
    pytest.param("from concurrent.futures import ThreadPoolExecutor\n"
                 "with ThreadPoolExecutor() as pool:\n    a = pool.submit(g, 1)\n"
                 "    pool.submit(lambda: a.result())", id="a thread pool"),
]  # fmt: skip


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_where(source: str) -> None:
    assert findings(rule, SETUP, source) == []


FOUND = [
    pytest.param("client.submit(lambda: fut.result())  # found here", id="around a lambda"),
    pytest.param("client.map(lambda x: g(x, fut.result()), [1])  # found here", id="in a map"),
    pytest.param("def f(x):\n    return x + sum(a.result() for a in futs)\n"
                 "client.submit(f, 1)  # found here", id="a list of them, around a function"),
    pytest.param("client.submit(g, Job(fut))  # found here", id="in a dataclass"),
    pytest.param("client.submit(g, Job(future=fut))  # found here", id="by keyword"),
    pytest.param("job = Job(fut)\nclient.submit(g, job)  # found here", id="under a name"),
    pytest.param("from types import SimpleNamespace\nns = SimpleNamespace(data=fut)\n"
                 "client.submit(g, ns)  # found here", id="in a namespace"),
    pytest.param("class Model:\n    def __init__(self, w): self.w = w\n"
                 "    def run(self, x): return self.w.result() + x\nm = Model(fut)\n"
                 "client.map(m.run, [1])  # found here", id="in the object of a method"),
    pytest.param("client.submit(partial(g, fut))  # found here", id="in a partial"),
    pytest.param("def run(xs):\n    first = client.submit(g, 0)\n"
                 "    return client.map(lambda x: x + first.result(), xs)  # found here\nrun([1])",
                 id="in a function"),
]  # fmt: skip


@pytest.mark.parametrize("source", FOUND)
def test_it_is_found(source: str) -> None:
    assert assert_found(rule, SETUP, source).certainty == "likely"


def test_what_was_seen_at_the_call_needs_no_more() -> None:
    facts = {"futures": [{"argument": 1, "name": "box", "type": "Future", "attribute": "inner"}]}
    call = ObservedCall("distributed.Client.submit", Place(1, 1), 1.0, 1.0, 1, facts)
    cells = (Cell(SETUP), Cell("client.submit(g, box)"))
    found = list(rule.run(Run(cells, 1, 0.0, 2.0, calls=(call,)), {}))
    assert [f.certainty for f in found if isinstance(f, Finding)] == ["seen"]


def test_an_object_that_another_cell_gives_a_future_is_found() -> None:
    given = "class Box: pass\nbox = Box()\nbox.held = fut"
    assert_found(rule, SETUP, given, "client.submit(g, box)  # found here")
    assert (
        findings(rule, SETUP, "class Box: pass\nbox = Box()\nclient.submit(g, box)", given) == []
    )

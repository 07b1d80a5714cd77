from __future__ import annotations

import pytest
from proposing import refused, rewritten

NAME = "compute-argument"
SETUP = """\
import dask, dask.array as da
from dask.distributed import Client
client = Client()
x = da.ones(10, chunks=5)
@dask.delayed
def lazy(x): return x
def f(*x): return x
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("client.submit(f, x)", "client.submit(f, client.compute(x))", id="one"),
        pytest.param("class A:\n    def go(self):\n        self.client.submit(f, x)\n"
                     "    def __init__(self):\n        self.client = Client()",
                     "class A:\n    def go(self):\n"
                     "        self.client.submit(f, self.client.compute(x))\n"
                     "    def __init__(self):\n        self.client = Client()",
                     id="a client of an object"),
        pytest.param("fut = client.submit(f,  lazy(1) , 2)  # go",
                     "fut = client.submit(f,  client.compute(lazy(1)) , 2)  # go",
                     id="spaces kept"),
        pytest.param("client.map(f, [lazy(i) for i in 'ab'])",
                     "client.map(f, client.compute([lazy(i) for i in 'ab']))", id="a list"),
        pytest.param("client.map(f, 'ab', y=x)", "client.map(f, 'ab', y=client.compute(x))",
                     id="a keyword"),
        pytest.param("parts = [lazy(i) for i in 'ab']; client.submit(f, parts)",
                     "parts = [lazy(i) for i in 'ab']; client.submit(f, client.compute(parts))",
                     id="a list with a name"),
    ],
)  # fmt: skip
def test_the_argument_is_computed_by_the_client(before: str, after: str) -> None:
    assert rewritten(NAME, SETUP, before, at="client") == (after, "ask")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        pytest.param("client.submit(f, 1)", "no submit", id="nothing lazy"),
        pytest.param("Client().submit(f, x)", "no name", id="a client without a name"),
        pytest.param("client.submit(f, {'a': x})", "not known", id="a dict"),
        pytest.param("client.map(f, x)", "not known", id="map over an array itself"),
        pytest.param("client.submit(f, *[x])", "not known", id="unpacked"),
        pytest.param("client.submit(f, [x, 1])", "not known", id="a mixed list"),
    ],
)
def test_it_leaves_alone(source: str, reason: str) -> None:
    assert reason in refused(NAME, SETUP, source, at="submit" if "submit" in source else "map")

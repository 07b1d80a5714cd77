from __future__ import annotations

import pytest
from reading import assert_found, findings

from dask_lens.record.call import ObservedCall
from dask_lens.record.cell import Cell, Place
from dask_lens.record.run import Run
from dask_lens.rule import Finding
from dask_lens.rules.shared_rng_state import rule

SETUP = """\
import random, dask
import numpy as np
from functools import partial
from dask.distributed import *
client = Client()
rng = np.random.default_rng(1)
def given(r, n=1): return r.normal(size=n)
"""

FINE = [
    pytest.param("def f(seed): return np.random.default_rng(seed).normal()\n"
                 "client.map(f, range(9))", id="each task makes its own"),
    pytest.param("def f(i): return np.random.normal()\nclient.map(f, range(9))",
                 id="a plain function of NumPy's state on the worker"),
    pytest.param("def f(i):\n    rng = np.random.default_rng()\n    return rng.normal()\n"
                 "client.map(f, range(9))", id="a generator of the same name, made inside"),
    pytest.param("def f(rng): return rng.normal()\nclient.map(f, rng.spawn(9))",
                 id="generators that are spawned"),
    pytest.param("[client.submit(given, child) for child in rng.spawn(9)]",
                 id="spawned in a comprehension"),
    pytest.param("for s in range(9):\n    rng = np.random.default_rng(s)\n"
                 "    futs.append(client.submit(given, rng))", id="a new one in each pass"),
    pytest.param("client.submit(rng.normal).result()", id="one task"),
    pytest.param("client.map(abs, rng.normal(size=9))", id="numbers that are drawn here"),
    pytest.param("[client.submit(abs, rng.normal()) for _ in range(9)]",
                 id="numbers that are drawn here, one by one"),
    pytest.param("seeds = [random.random() for _ in range(9)]\nclient.map(abs, seeds)",
                 id="seeds that are drawn here"),
    pytest.param("import torch\nclient.map(lambda i: torch.rand(1), range(9))",
                 id="another library's state"),
    pytest.param("class rng:\n    normal = abs\nclient.map(rng.normal, range(9))",
                 id="another thing of that name"),
    pytest.param("from concurrent.futures import ProcessPoolExecutor\n"
                 "with ProcessPoolExecutor() as c:\n    c.map(rng.normal, range(9))",
                 id="a pool of processes"),
]  # fmt: skip


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_where(source: str) -> None:
    assert findings(rule, SETUP, source) == []


def test_without_a_client_delayed_shares_one_generator_and_is_silent() -> None:
    source = "import dask, numpy as np\nrng = np.random.default_rng()\n"
    source += "ds = [dask.delayed(rng.normal)() for _ in range(9)]"
    assert findings(rule, source) == []


FOUND = [
    pytest.param("futs = [client.submit(rng.normal, pure=False) for _ in range(9)]  # found here",
                 id="a method of a generator"),
    pytest.param("futs = [client.submit(random.random, pure=False) for _ in range(9)]"
                 "  # found here", id="random.random"),
    pytest.param("futs = [client.submit(np.random.normal, pure=False) for _ in range(9)]"
                 "  # found here", id="a function of np.random itself"),
    pytest.param("futs = client.map(lambda i: rng.normal(), range(9))  # found here",
                 id="a lambda"),
    pytest.param("def f(i): return rng.normal()\nfuts = client.map(f, range(9))  # found here",
                 id="a function that reads it from around it"),
    pytest.param("futs = [client.submit(given, rng, pure=False) for _ in range(9)]  # found here",
                 id="an argument"),
    pytest.param("futs = client.map(given, range(9), r=rng)  # found here", id="a keyword"),
    pytest.param("draw = partial(np.random.normal, 0, 1)\n"
                 "futs = [client.submit(draw, pure=False) for _ in range(9)]  # found here",
                 id="a partial"),
    pytest.param("r = random.Random(3)\nfor _ in range(9):\n"
                 "    futs.append(client.submit(r.gauss, 0, 1, pure=False))  # found here",
                 id="random.Random, in a loop"),
    pytest.param("a = client.submit(rng.normal, pure=False)\n"
                 "b = client.submit(rng.normal, pure=False)  # found here", id="twice"),
    pytest.param("ds = [dask.delayed(rng.normal)() for _ in range(9)]  # found here",
                 id="delayed, beside a client"),
    pytest.param("lazy = dask.delayed(given)\nds = [lazy(rng) for _ in range(9)]  # found here",
                 id="an argument of a delayed function"),
    pytest.param("@dask.delayed\ndef f(i): return rng.normal()\nds = [f(i) for i in range(9)]"
                 "  # found here", id="a delayed function that reads it from around it"),
    pytest.param("from numpy.random import default_rng as make\nmine = make()\n"
                 "def f(i): return mine.normal()\nfuts = client.map(f, range(9))  # found here",
                 id="an alias"),
    pytest.param("state = np.random.RandomState(0)\ndef outer(n):\n    def f(i):\n"
                 "        return state.rand()\n    return client.map(f, range(n))  # found here\n"
                 "outer(3)", id="an inner function"),
]  # fmt: skip


@pytest.mark.parametrize("source", FOUND)
def test_it_is_found(source: str) -> None:
    assert assert_found(rule, SETUP, source).certainty == "likely"


@pytest.mark.parametrize(
    ("name", "found"), [("distributed.Client.map", 1), ("distributed.Client.submit", 0)]
)
def test_what_a_mapped_function_was_seen_to_hold_all_tasks_hold(name: str, found: int) -> None:
    facts = {"keys": 5, "function": {"name": "S.draw", "random": "self.rng"}}
    call = ObservedCall(name, Place(1, 1), 1.0, 1.0, 1, facts)
    cells = (Cell(SETUP), Cell("client.map(s.draw, range(5))"))
    seen = list(rule.run(Run(cells, 1, 0.0, 2.0, calls=(call,)), {}))
    assert [f.certainty for f in seen if isinstance(f, Finding)] == ["seen"] * found

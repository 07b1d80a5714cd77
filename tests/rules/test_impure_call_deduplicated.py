from __future__ import annotations

import pytest
from reading import assert_found, findings

from dask_lens.rules.impure_call_deduplicated import rule

SETUP = """\
import random, time, math, uuid
import numpy as np
from dask.distributed import *
client = Client()
def pure(x=0): return math.sqrt(x) + 1
def draw(x=0): return x + np.random.normal()
def seeded(seed): return np.random.default_rng(seed).normal()
def slow(x=0): time.sleep(1); return x
"""

FINE = [
    pytest.param("[client.submit(draw, i) for i in range(9)]", id="an argument that differs"),
    pytest.param("client.map(draw, range(9))", id="a map over numbers"),
    pytest.param("[client.submit(draw, pure=False) for _ in range(9)]", id="pure is given"),
    pytest.param("[client.submit(draw, key=f'draw-{i}') for i in range(9)]", id="a key is given"),
    pytest.param("[client.submit(pure, 3) for _ in range(9)]", id="a pure function"),
    pytest.param("[client.submit(seeded, 3) for _ in range(9)]",
                 id="random numbers from the same seed"),
    pytest.param("[client.submit(draw, random.random()) for _ in range(9)]",
                 id="an argument that is worked out each time"),
    pytest.param("for i in range(9):\n    x = i * 2\n    futs.append(client.submit(draw, x))",
                 id="a name that each pass sets"),
    pytest.param("for i in xs:\n    state[0] = i\n    futs.append(client.submit(draw, state))",
                 id="an argument that each pass changes"),
    pytest.param("for _ in range(9):\n    out.append(client.submit(draw).result())",
                 id="a result that is fetched at once"),
    pytest.param("for _ in range(9):\n    client.gather(client.submit(draw))",
                 id="a result that is gathered at once"),
    pytest.param("client.submit(draw)\nclient.submit(draw, 1)", id="two different calls"),
    pytest.param("client.submit(draw)", id="one call"),
    pytest.param("def again():\n    return client.submit(draw)\nagain()",
                 id="one call in a function"),
    pytest.param("[client.submit(lambda: draw(i)) for i in range(9)]",
                 id="a lambda that reads what differs"),
    pytest.param("from concurrent.futures import ThreadPoolExecutor\n"
                 "with ThreadPoolExecutor() as pool:\n"
                 "    [pool.submit(draw) for _ in range(9)]",
                 id="a thread pool, which runs them all"),
    pytest.param("import httpx\nc = httpx.Client()\n[c.submit(draw) for _ in range(9)]",
                 id="another kind of client"),
    pytest.param("import dask\n[dask.delayed(draw)() for _ in range(9)]",
                 id="delayed, which is impure by default"),
    pytest.param("[client.submit(draw, *args) for _ in range(9)]",
                 id="arguments that are unpacked"),
    pytest.param("[client.submit(Counter, actor=True) for _ in range(9)]", id="actors"),
    pytest.param("rng = np.random.default_rng(1)\n[client.submit(rng.normal) for _ in range(9)]",
                 id="a generator that is sent along, another rule's"),
    pytest.param("client.map(draw, [0, 1] * 3)", id="a list of two"),
]  # fmt: skip


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_where(source: str) -> None:
    assert findings(rule, SETUP, source) == []


FOUND = [
    pytest.param("futs = [client.submit(draw) for _ in range(9)]  # found here",
                 id="a comprehension"),
    pytest.param("for _ in range(9):\n    futs.append(client.submit(draw, 3))  # found here",
                 id="a loop, with a constant"),
    pytest.param("while len(futs) < 9:\n    futs.append(client.submit(slow))  # found here",
                 id="a while loop"),
    pytest.param("futs = client.map(draw, [0] * 100)  # found here", id="a list of one, repeated"),
    pytest.param("futs = client.map(draw, [0 for _ in range(9)])  # found here",
                 id="a list of the same"),
    pytest.param("import itertools\nfuts = client.map(draw, itertools.repeat(1, 9))  # found here",
                 id="itertools.repeat"),
    pytest.param("n = 9\nfuts = [client.submit(draw, n) for _ in range(n)]  # found here",
                 id="an argument that counts the passes too"),
    pytest.param("futs = [client.submit(lambda: draw()) for i in range(9)]  # found here",
                 id="a lambda"),
    pytest.param("futs = [client.submit(time.sleep, 1) for i in range(9)]  # found here",
                 id="a sleep"),
    pytest.param("from mine import simulate\nfuts = [client.submit(simulate, x) for _ in range(9)]"
                 "  # found here", id="a function that is not known"),
    pytest.param("def read(): return open('x').read()\ndef outer(): return read()\n"
                 "futs = {client.submit(outer) for _ in range(9)}  # found here",
                 id="a function that calls one that reads a file"),
    pytest.param("a = client.submit(draw)\nb = client.submit(draw)  # found here", id="twice"),
    pytest.param("from distributed import Client as C\ne = C()\nfuts = []\nfor _ in range(3):\n"
                 "    fut = e.submit(uuid.uuid4)  # found here\n    futs.append(fut)",
                 id="an alias, and a name for the future"),
    pytest.param("out = client.gather(client.map(draw, [None] * 5))  # found here",
                 id="a map of the same, gathered at once"),
    pytest.param("rows = [[client.submit(draw, 1) for _ in range(2)]  # found here\n"
                 "        for _ in range(3)]", id="nested comprehensions"),
    pytest.param("async def go():\n    async with Client(asynchronous=True) as c:\n"
                 "        futs = [c.submit(draw) for _ in range(9)]  # found here\n"
                 "        return await c.gather(futs)", id="an asynchronous client"),
]  # fmt: skip


@pytest.mark.parametrize("source", FOUND)
def test_it_is_found(source: str) -> None:
    assert assert_found(rule, SETUP, source).certainty == "likely"

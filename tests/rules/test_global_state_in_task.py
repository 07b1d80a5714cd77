from __future__ import annotations

import pytest
from reading import assert_found, findings

from dask_lens.rules.global_state_in_task import rule

SETUP = """\
import dask, os, threading
from dask import delayed
import dask.array as da
from dask.distributed import *
client = Client()
results, counter, cache, model = [], 0, {}, None
lock = threading.Lock()
"""

FINE = [
    pytest.param("@delayed\ndef f(x):\n    out = []\n    out.append(x)\n    return out\nf(1)",
                 id="a list of its own"),
    pytest.param("@delayed\ndef f(out):\n    out.append(1)\n    return out\nf(results)",
                 id="an argument, another rule's"),
    pytest.param("def f(x):\n    results.append(x)\nf(1)", id="the function runs here"),
    pytest.param("@delayed\ndef f(x):\n    if x not in cache:\n        cache[x] = x * 2\n"
                 "    return cache[x]\nf(1)", id="a cache"),
    pytest.param("@delayed\ndef f(x):\n    global model\n    if model is None:\n"
                 "        model = x\n    return model\nf(1)", id="a model that is loaded once"),
    pytest.param("@delayed\ndef f(x):\n    with lock:\n        results.append(x)\nf(1)",
                 id="under a lock"),
    pytest.param("@delayed\ndef f(x):\n    os.environ['A'] = 'b'\n    return x\nf(1)",
                 id="the environment of the process"),
    pytest.param("q = Queue()\nv = Variable()\ndef f(x):\n    q.put(x)\n    v.set(x)\n"
                 "client.submit(f, 1)", id="a queue of the cluster"),
    pytest.param("@delayed\ndef f(x):\n    return len(results) + counter + x\nf(1)",
                 id="only read"),
    pytest.param("@delayed\ndef f(x):\n    results = list(x)\n    results.sort()\n"
                 "    return results\nf([1])", id="a name of its own"),
    pytest.param("from joblib import delayed as d2\n@d2\ndef f(x):\n    results.append(x)\n",
                 id="joblib's delayed"),
    pytest.param("for x in range(3):\n    results.append(delayed(abs)(x))",
                 id="a list of lazy objects, here"),
    pytest.param("class M:\n    def run(self):\n        def f(x):\n"
                 "            if self.model is None:\n                self.model = x\n"
                 "            if x not in self.seen:\n                self.seen[x] = x\n"
                 "            return self.model\n        client.map(f, range(3))\nM().run()",
                 id="a model and a cache of an object"),
    pytest.param("import zarr\nz = zarr.open('z', mode='w', shape=9)\n@delayed\ndef f(i):\n"
                 "    z[i] = i\nf(1)", id="an array in a store"),
    pytest.param("import h5py\nfile = h5py.File('h', 'w')\nd = file.create_dataset('d', (9,))\n"
                 "def f(i):\n    d[i] = i\nclient.map(f, range(9))", id="an array in a file"),
    pytest.param("class M:\n    def work(self, x):\n        self.last = x\n        return x\n"
                 "    def run(self):\n        return client.map(self.work, range(3))\nM().run()",
                 id="an attribute of the method's own object"),
    pytest.param("from functools import lru_cache\n@lru_cache\ndef g(x): return x\n"
                 "@delayed\ndef f(x): return g(x)\nf(1)", id="a function that remembers"),
    pytest.param("client.map(lambda x: model.append(x), range(3))", id="what a lambda gives"),
    pytest.param("class C:\n    def __init__(self):\n        self.n = 0\n    def add(self):\n"
                 "        self.n += 1\nclient.submit(C, actor=True)", id="an actor"),
]  # fmt: skip


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_where(source: str) -> None:
    assert findings(rule, SETUP, source) == []


FOUND = [
    pytest.param("@delayed\ndef f(x):\n    results.append(x)  # found here\nf(1)", id="append"),
    pytest.param("import numpy as np\nout = np.zeros(9)\n@delayed\ndef f(i):\n"
                 "    out[i] = i  # found here\nf(1)", id="an array"),
    pytest.param("def f(x):\n    results[x] = 1  # found here\nclient.submit(f, 1)",
                 id="an item, on a cluster"),
    pytest.param("@delayed\ndef f(x):\n    global counter\n    counter += x  # found here\nf(1)",
                 id="a counter"),
    pytest.param("def f(b):\n    results.append(b.sum())  # found here\n    return b\n"
                 "da.ones(3).map_blocks(f)", id="in a block function"),
    pytest.param("def main():\n    mine = []\n    def f(x):\n"
                 "        mine.append(x)  # found here\n    client.map(f, range(3))\nmain()",
                 id="a list of the function around it"),
    pytest.param("@dask.delayed(pure=True)\ndef f(x):\n    for i in x:\n"
                 "        cache.update({i: x})  # found here\nf([1])", id="update, in a loop"),
    pytest.param("class M:\n    def run(self):\n        def f(x):\n"
                 "            self.found.append(x)  # found here\n"
                 "        client.map(f, range(3))\nM().run()", id="a list of an object"),
    pytest.param("client.map(lambda x: results.append(x), range(3))  # found here",
                 id="a list, in a lambda"),
    pytest.param("class Seen:\n    n = 0\n@delayed\ndef f(x):\n    Seen.n += 1  # found here\n"
                 "    return x\nf(1)", id="an attribute of a class"),
    pytest.param("conf = load()\n@delayed\ndef f(x):\n    conf.rate = x  # found here\nf(1)",
                 id="an attribute"),
]  # fmt: skip


@pytest.mark.parametrize("source", FOUND)
def test_it_is_found(source: str) -> None:
    assert assert_found(rule, SETUP, source).certainty == "likely"


def test_what_another_cell_made_is_state_too() -> None:
    task = "@delayed\ndef f(x):\n    mine.append(x)  # found here\n    return x"
    assert_found(rule, SETUP, "mine = []", task, "f(1).compute()")

from __future__ import annotations

import pytest
from reading import assert_found, findings

from dask_lens.rules.compute_inside_task import rule

SETUP = """\
import dask
import dask.array as da, dask.dataframe as dd
from dask import delayed
from dask.distributed import *
client = Client()
ddf = dd.read_csv('x')
"""

FINE = [
    pytest.param("def f(p):\n    return dd.read_csv(p).x.mean().compute()\nclient.map(f, ['x'])",
                 id="the task makes its collection itself"),
    pytest.param("@delayed\ndef f(p):\n    parts = [delayed(len)(q) for q in p]\n"
                 "    return dask.compute(*parts)\nf('x')", id="a graph that the task makes"),
    pytest.param("def f(p):\n    return ddf[ddf.p == p].mean().compute()\nf(1)",
                 id="the function runs here"),
    pytest.param("@delayed\ndef f(p):\n    return ddf[ddf.p == p].mean()\nf(1)",
                 id="nothing is computed"),
    pytest.param("df = ddf.compute()\n@delayed\ndef f(p):\n    return df[df.p == p].mean()\nf(1)",
                 id="what is shared is computed already"),
    pytest.param("@delayed\ndef f(model, p):\n    return model.compute(p)\nf(1, 2)",
                 id="a compute of something else"),
    pytest.param("@delayed\ndef f(x):\n    return x.compute()\nf(1)", id="an argument not known"),
]  # fmt: skip


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_where(source: str) -> None:
    assert findings(rule, SETUP, source) == []


FOUND = [
    pytest.param("@delayed\ndef f(p):\n    return ddf[ddf.p == p].mean().compute()  # found here\n"
                 "f(1)", id="a part of a shared frame"),
    pytest.param("def f(p):\n    sub = ddf[ddf.p == p]\n    a, = dask.compute(sub)  # found here\n"
                 "    return a\nclient.map(f, [1])", id="dask.compute, in a submitted function"),
    pytest.param("def run():\n    x = da.ones(3)\n    @delayed\n    def f(i):\n"
                 "        return (x + i).sum().compute()  # found here\n    return [f(1)]\nrun()",
                 id="a collection of the function around it"),
    pytest.param("@delayed\ndef f(p):\n"
                 "    return dd.read_csv(p).x.mean().compute()  # found here\n"
                 "dask.compute(*[f(p) for p in ['a', 'b']], scheduler='processes')",
                 id="a pool inside a pool"),
]  # fmt: skip


@pytest.mark.parametrize("source", FOUND)
def test_it_is_found(source: str) -> None:
    assert assert_found(rule, SETUP, source).certainty == "likely"

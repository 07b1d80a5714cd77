from __future__ import annotations

import pytest
from reading import assert_found, findings

from dask_lens.record.cell import Cell, Place
from dask_lens.record.computation import Computation
from dask_lens.record.run import Run
from dask_lens.record.task import Task
from dask_lens.rule import Finding
from dask_lens.rules.dask_inside_task import rule

SETUP = """\
import dask
import dask.array as da, dask.dataframe as dd, dask.bag as db
import numpy as np, pandas as pd
from dask import delayed
from dask.distributed import *
client = Client()
"""

FINE = [
    pytest.param("def f(x):\n    return da.ones(3) + x\nf(1)", id="the function runs here"),
    pytest.param("@delayed\ndef f(x):\n    return np.max(x)\nf([1])", id="NumPy in a task"),
    pytest.param("@delayed\ndef f(p):\n    return dd.read_csv(p).x.mean().compute()\nf('x')",
                 id="it computes"),
    pytest.param("@delayed\ndef f(p):\n    ddf = dd.read_csv(p)\n"
                 "    return len(ddf), dask.compute(ddf)"
                 "\nf('x')", id="it computes by dask.compute"),
    pytest.param("def f(p):\n    dd.read_csv(p).to_parquet('y')\nclient.submit(f, 'x')",
                 id="it writes"),
    pytest.param("def f(p):\n    with worker_client() as c:\n"
                 "        return c.compute(dd.read_csv(p)).result()\nclient.submit(f, 'x')",
                 id="the worker's client computes"),
    pytest.param("da.ones(9).map_blocks(lambda b: b.max())", id="a method of a block"),
    pytest.param("@delayed\ndef f(x):\n    return da.shape, x\nf(1)", id="nothing is called"),
    pytest.param("import mine as da\n@delayed\ndef f(x):\n    return da.max(x)\nf(1)",
                 id="another module of that name"),
    pytest.param("ddf = dd.read_csv('x')\nddf.map_partitions(pd.DataFrame.describe)",
                 id="pandas on partitions"),
]  # fmt: skip


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_where(source: str) -> None:
    assert findings(rule, SETUP, source) == []


FOUND = [
    pytest.param("@delayed\ndef f(x):\n    return da.max(x)  # found here\nf(1)",
                 id="a reduction"),
    pytest.param("def f(p):\n    return dd.read_csv(p)  # found here\nclient.map(f, ['x'])",
                 id="a frame that is read"),
    pytest.param("def f(b):\n    return b + da.zeros(3)  # found here\nda.ones(3).map_blocks(f)",
                 id="zeros in a block function"),
    pytest.param("def f(df):\n    return dd.from_pandas(df, npartitions=2)  # found here\n"
                 "dd.read_csv('x').map_partitions(f)", id="a frame made of a partition"),
    pytest.param("client.submit(lambda x: da.from_array(x), [1])  # found here", id="a lambda"),
    pytest.param("def g(x): return x\ndef f(x):\n"
                 "    return [delayed(g)(y) for y in x]  # found here\n"
                 "client.submit(f, [1])", id="lazy calls in a submitted function"),
    pytest.param("from dask.array import stack as s\n@dask.delayed\ndef f(x):\n"
                 "    y = s(x)  # found here\n    return y\nf([1])", id="an alias"),
]  # fmt: skip


@pytest.mark.parametrize("source", FOUND)
def test_it_is_found(source: str) -> None:
    assert assert_found(rule, SETUP, source).certainty == "likely"


@pytest.mark.parametrize(
    ("typename", "told"),
    [
        ("dask.array.core.Array", ["Array"]),
        ("dask.dataframe.dask_expr._collection.DataFrame", ["DataFrame"]),
        ("numpy.ndarray", []),
        ("pandas.core.frame.DataFrame", []),
        ("dask.dataframe.partitionquantiles.Index2", []),
        (None, []),
    ],
)
def test_what_a_function_of_a_module_returned_is_known_by_its_type(
    typename: str | None, told: list[str]
) -> None:
    task = Task("load-1", "load", "w", 1, 0.0, 1.0, typename=typename)
    ran = Computation("distributed", 0.0, 1.0, 1, (task,), 1, 1.0, Place(0, 1))
    run = Run((Cell("client.submit(load, 1).result()"),), 0, 0.0, 2.0, (ran,))
    found = [one for one in rule.run(run, {}) if isinstance(one, Finding)]
    assert [one.evidence["type"] for one in found] == told
    assert all("load ran as a task and returned a lazy" in one.message for one in found)

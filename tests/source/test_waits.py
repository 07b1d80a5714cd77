"""Where code waits for Dask: what is found, what is not, and which of it is in a loop."""

from __future__ import annotations

import ast

import pytest

from dask_lens.record.cell import Cell
from dask_lens.source.loops import loop_of
from dask_lens.source.passes import ends_at_once, is_sequential
from dask_lens.source.program import read
from dask_lens.source.waits import Wait, waits

SETUP = """\
import json, time, random
import numpy as np, pandas as pd, xarray as xr
import dask, dask.array as da, dask.bag as db, dask.dataframe as dd
from dask import delayed
from dask.distributed import Client
client = Client()
ddf = dd.read_csv("*.csv")
x = da.ones((10, 10), chunks=5)
bag = db.from_sequence(range(10))
ds = xr.open_mfdataset("*.nc")
"""


def found(*sources: str) -> list[tuple[str, str]]:
    """Return how and for what the last cell waits."""
    program = read([Cell(source) for source in (SETUP, *sources)])
    return [(w.how, ast.unparse(w.node)) for w in waits(program) if w.cell == len(sources)]


NOTHING = [
    pytest.param("x.mean(); ddf.x.sum(); bag.map(str)", id="lazy calls"),
    pytest.param("x.shape, x.dtype, ddf.columns, ddf.npartitions, ds.dims", id="metadata"),
    pytest.param("len(x); len(ddf.columns); len(x.chunks)", id="lengths that are known"),
    pytest.param("ds.time.values; ds['lat'].values; ds.lon.values.mean()", id="coordinates"),
    pytest.param("ddf.x.values; ddf.values", id="values of a dask dataframe are a dask array"),
    pytest.param("xr.open_dataset('a.nc').t.values", id="a dataset opened without chunks"),
    pytest.param("loaded = ds.compute()\nloaded.sst.values", id="after it was computed"),
    pytest.param("pd.read_csv('a').x.values; pd.DataFrame({}).head()", id="pandas"),
    pytest.param("np.ones(3).mean(); float(np.ones(1)); len(pd.read_csv('a'))", id="NumPy"),
    pytest.param("json.load(open('a')); np.load('a')", id="other loads"),
    pytest.param("ddf.to_parquet('a', compute=False); x.to_zarr('a', compute=False)",
                 id="writing later"),
    pytest.param("import torchmetrics\nm = torchmetrics.Accuracy()\nm.compute()",
                 id="a metric of another library"),
    pytest.param("import httpx\nc = httpx.Client()\nc.gather(1)", id="another client"),
    pytest.param("@delayed\ndef f(p):\n    return p.compute()\nf(1)", id="inside a task"),
    pytest.param("ddf.head(compute=False)", id="a lazy head"),
    pytest.param("m.compute(predictions=1)", id="a compute with other keywords"),
]  # fmt: skip


@pytest.mark.parametrize("source", NOTHING)
def test_nothing_waits_in(source: str) -> None:
    waited = found(source)
    assert [w for w in waited if w[1] != "ds.compute()"] == []


WAITS = [
    ("x.mean().compute()", "compute"),
    ("dask.compute(x.mean(), ddf.x.sum())", "compute"),
    ("client.compute(x).result()", "compute"),
    ("client.compute(x, sync=True)", "compute"),
    ("delayed(len)([1]).compute()", "compute"),
    ("ddf.groupby('a').b.mean().compute()", "compute"),
    ("ddf.x.rolling(3).mean().compute()", "compute"),
    ("unknown().y.compute()", "compute"),
    ("ds.sst.mean('time').compute()", "compute"),
    ("ds['sst'].sel(time=3).load()", "load"),
    ("ds.sst.values", "values"),
    ("ds.sst.resample(time='1D').mean().to_numpy()", "values"),
    ("xr.open_dataset('a', chunks={}).sst.values", "values"),
    ("xr.open_dataset('a').chunk({'x': 1}).sst.values", "values"),
    ("xr.DataArray(x).values", "values"),
    ("len(ddf)", "len"),
    ("len(ddf[ddf.x > 3])", "len"),
    ("ddf.head()", "look"),
    ("ddf.x.tail(3)", "look"),
    ("bag.take(3)", "look"),
    ("float(x.mean())", "number"),
    ("int(ds.sst.mean())", "number"),
    ("np.asarray(x)", "array"),
    ("list(bag)", "iterate"),
    ("ddf.itertuples()", "iterate"),
    ("ds.sst.plot()", "plot"),
    ("ddf.to_parquet('a')", "write"),
    ("ds.to_netcdf('a')", "write"),
    ("da.to_zarr(x, 'a')", "write"),
    ("client.submit(len, [1]).result()", "result"),
    ("client.gather(client.map(len, [[1]]))", "gather"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "how"), WAITS)
def test_it_waits_in(source: str, how: str) -> None:
    assert found(source) == [(how, source)]


def test_a_condition_on_a_lazy_value_waits() -> None:
    assert found("if (x > 3).any():\n    pass") == [("bool", "(x > 3).any()")]
    assert found("while x.sum() > 3:\n    pass") == [("bool", "x.sum() > 3")]


def test_without_dask_nothing_is_taken_for_a_collection() -> None:
    program = read([Cell("from models import f\nf().compute()")])
    assert waits(program) == ()


def looped(source: str) -> tuple[Wait, bool | None]:
    """Return the one wait of a cell, and whether its loop is sequential; None without a loop."""
    program = read([Cell(SETUP), Cell(source)])
    [wait] = waits(program)
    loop = loop_of(program, wait.cell, wait.node, wait.inside)
    return wait, (None if loop is None else is_sequential(loop) or ends_at_once(loop))


NO_LOOP = [
    "for row in ddf.x.compute():\n    print(row)",
    "[row for row in ddf.x.compute()]",
    "out = {k: v for k, v in zip('ab', dask.compute(x, x))}",
    "for i in range(3):\n    def f():\n        return x.compute()",
    "for i in range(3):\n    pass\nelse:\n    x.compute()",
    "def f():\n    return x.compute()\nf()",
]


@pytest.mark.parametrize("source", NO_LOOP)
def test_it_is_not_in_a_loop(source: str) -> None:
    assert looped(source)[1] is None


SEQUENTIAL = [
    "while x.sum().compute() > 3:\n    x = x / 2",
    "err = 1\nwhile err > 0.1:\n    x = x / 2\n    err = x.max().compute()",
    "for i in range(9):\n    x = (x + 1).compute()",
    "y = x\nfor i in range(9):\n    z = (y + 1).compute()\n    y = da.from_array(z)",
    "while True:\n    v = x[0, 0].compute()\n    if v > 3:\n        break\n    x = x + 1",
    "for i in range(9):\n    if x[i].sum().compute() > 3:\n        break",
    (
        "def f():\n    for i in range(9):\n        v = x[i].sum().compute()\n"
        "        if v > 3:\n            return v\nf()"
    ),
    "s = [0]\nfor i in range(9):\n    s.append((x + s[-1]).sum().compute())",
    "s = {0: 1}\nfor i in range(9):\n    s[i + 1] = (x * s[i]).sum().compute()",
    "best = 0\nfor i in range(9):\n    best = max(best, (x - best).sum().compute())",
    (
        "for attempt in range(3):\n    try:\n        v = x.compute()\n        break\n"
        "    except OSError:\n        pass"
    ),
    "for i in range(9):\n    v = x[i].compute()\n    break",
    (
        "class M:\n    def fit(self):\n        for i in "
        "range(9):\n            self.b = (x * self.b)"
        ".compute()\nM().fit()"
    ),
]


@pytest.mark.parametrize("source", SEQUENTIAL)
def test_one_pass_needs_what_another_computed(source: str) -> None:
    assert looped(source)[1] is True


INDEPENDENT = [
    "out = []\nfor i in range(9):\n    out.append(x[i].compute())",
    "[x[i].compute() for i in range(9)]",
    "{c: ddf[c].mean().compute() for c in ddf.columns}",
    "sum(x[i].sum().compute() for i in range(9))",
    "[x[i, j].compute() for i in range(9) for j in range(9)]",
    "total = 0\nfor i in range(9):\n    total += x[i].sum().compute()",
    "r = {}\nfor i in range(9):\n    v = x[i].sum().compute()\n    r[i] = v\n    print(v)",
    (
        "out = []\nfor f in 'abc':\n    df = dd.read_csv(f)\n    df = df.sum().compute()\n"
        "    out.append(df)"
    ),
    "i = 0\nwhile i < 9:\n    print(x[i].sum().compute())\n    i += 1",
    "for i in range(9):\n    v = x[i].max().compute()\n    if v > 3:\n        print(v)",
    "def f(i):\n    return x[i].sum().compute()\nout = [f(i) for i in range(9)]",
    (
        "def f(i):\n    return x[i].sum().compute()\ndef g(i):\n    return f(i) + 1\n"
        "for i in range(9):\n    print(g(i))"
    ),
    "for i in range(9):\n    with open('a') as f:\n        f.write(str(x[i].compute()))",
]


@pytest.mark.parametrize("source", INDEPENDENT)
def test_the_passes_of_a_loop_are_independent(source: str) -> None:
    assert looped(source)[1] is False


def test_what_is_loaded_in_place_is_read_from_memory() -> None:
    assert found("ds.load()\nds.sst.values\nds.u.plot()") == [("load", "ds.load()")]

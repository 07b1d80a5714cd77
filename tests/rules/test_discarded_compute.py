from __future__ import annotations

import pytest
from performing import perform
from setting import found, marked

from dask_lens.report import analyze
from dask_lens.rules.discarded_compute import rule

FINE = [
    pytest.param("x.sum().compute()", id="the last expression of a cell"),
    pytest.param("y = 1\nif y:\n    x.sum().compute()", id="the last thing of a cell"),
    pytest.param("v = x.sum().compute()\nprint(v)", id="assigned"),
    pytest.param("print(x.sum().compute())\ny = 1", id="printed"),
    pytest.param("lazy(1).compute()\ny = 1", id="a delayed call, which may do something"),
    pytest.param("dask.compute(*[lazy(i) for i in range(3)])\ny = 1", id="several of them"),
    pytest.param("ddf.map_partitions(print).compute()\ny = 1", id="a function on partitions"),
    pytest.param("bag.map(print).compute()\ny = 1", id="a function on items"),
    pytest.param("x.to_zarr('a', compute=False).compute()\ny = 1", id="a write"),
    pytest.param("%%time\nx.sum().compute()\ny = 1", id="a timed cell"),
    pytest.param("%time x.sum().compute()\ny = 1", id="a timed line"),
    pytest.param("t = time.time()\nx.sum().compute()\nprint(time.time() - t)", id="a clock"),
    pytest.param("with dask.diagnostics.ProgressBar():\n    x.sum().compute()\ny = 1",
                 id="a progress bar"),
    pytest.param("for i in range(3):\n    x.sum().compute()\ny = 1", id="again and again"),
    pytest.param("def g():\n    x.sum().compute()\n    return 1", id="in a function"),
    pytest.param("foo().compute()\ny = 1", id="something unknown"),
    pytest.param("try:\n    x.sum().compute()\nexcept ValueError as e:\n    print(e)\ny = 1",
                 id="a demonstration of an error"),
    pytest.param("len(ddf)\ny = 1", id="no compute"),
    pytest.param("await x.compute()\ny = 1", id="something awaited"),
]  # fmt: skip


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_at(source: str) -> None:
    assert found(rule, source) == []


FOUND = [
    pytest.param("x.sum().compute()  #!\ny = 1", id="in the middle of a cell"),
    pytest.param("ddf.groupby('a').b.mean().compute()  #!\nprint('done')", id="a group"),
    pytest.param("m = ds.sst.mean('time')\nm.compute()  #!\nm.to_netcdf('a')", id="then written"),
    pytest.param("dask.compute(x, ddf.x)  #!\ny = 1", id="dask.compute"),
    pytest.param("client.compute(x).result()  #!\ny = 1", id="by the client"),
    pytest.param("y = 1\nif y:\n    ddf.x.sum().compute()  #!\nz = 1", id="under a condition"),
    pytest.param("a = x + 1\na.compute()  #!\nb = a.sum().compute()\nprint(b)", id="then again"),
]


@pytest.mark.parametrize("source", FOUND)
def test_it_is_found(source: str) -> None:
    assert found(rule, source) == marked(source)


def test_what_took_no_time_is_not_told() -> None:
    code = "import dask.array as da\nda.ones(4).sum().compute(scheduler='sync')\nx = 1\n"
    assert list(analyze(perform(code)[-1]).findings) == []

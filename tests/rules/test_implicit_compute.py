from __future__ import annotations

import pytest
from performing import perform
from setting import codes, found, marked

from dask_lens.report import analyze
from dask_lens.rules.implicit_compute import rule

RANDOM = "r = da.random.random((9, 9))\n"

FINE = [
    pytest.param("ddf.head()", id="a look"),
    pytest.param("len(ddf)", id="a length that is shown"),
    pytest.param("ddf = dd.read_parquet('a')\nn = len(ddf)", id="the rows of a parquet file"),
    pytest.param("p = ddf.persist()\nn = len(p)", id="persisted"),
    pytest.param("n = len(x)", id="the length of an array"),
    pytest.param("v = ds.sst.mean('time').values\nprint(v)", id="values, once"),
    pytest.param("m = float(ds.sst.mean())\nprint(m)", id="a number, once"),
    pytest.param("ds.sst.mean('time').plot()", id="one plot"),
    pytest.param("a = np.asarray(ddf.x)", id="an array, once"),
    pytest.param("rows = list(bag)", id="a list of a bag"),
    pytest.param("while r.sum() > 3:\n    r = r / 2", id="a loop that converges"),
    pytest.param("if (x > 3).any().compute():\n    pass", id="said"),
    pytest.param("if ddf is not None and x.ndim > 2:\n    pass", id="metadata in a condition"),
    pytest.param("if len(ddf.columns) > 3:\n    pass", id="the number of columns"),
    pytest.param("%time n = len(ddf)", id="timed"),
    pytest.param("loaded = ds.load()\na = loaded.sst.values\nb = loaded.u.values", id="loaded"),
    pytest.param("d = xr.open_dataset('a')\na = d.sst.values\nb = d.u.values", id="not lazy"),
    pytest.param("a = ds.lat.values\nb = ds.lon.values", id="coordinates"),
    pytest.param("for row in ddf.compute().itertuples():\n    pass", id="rows of what is here"),
]


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_for(source: str) -> None:
    assert found(rule, RANDOM + source) == []


FOUND = [
    pytest.param("if (r > 3).any():  #!\n    pass", id="a condition"),
    pytest.param("assert (r > 3).all()  #!", id="an assertion"),
    pytest.param("for row in ddf.itertuples():  #!\n    print(row)", id="rows"),
    pytest.param("for i, row in ddf.iterrows():  #!\n    print(row)", id="rows with their index"),
    pytest.param("m = max(ddf.x)  #!", id="Python's max"),
    pytest.param("n = len(ddf)  #!\nprint(n)", id="a length"),
    pytest.param("print(len(ddf[ddf.x > 3]))  #!", id="a filtered length"),
    pytest.param("low = float(ds.sst.min())\nhigh = float(ds.sst.max())  #!", id="two numbers"),
    pytest.param("a = ds.sst.values\nb = ds.sst.mean('time').values  #!", id="values, twice"),
    pytest.param("a = np.asarray(r)\nb = np.array(r + 1)  #!", id="arrays, twice"),
    pytest.param("ds.sst.mean('time').plot()\nds.sst.std('time').plot()  #!", id="two plots"),
]


@pytest.mark.parametrize("source", FOUND)
def test_it_is_found_for(source: str) -> None:
    # The line in which r is made is the first.
    assert found(rule, RANDOM + source) == marked(RANDOM + source)


def test_in_a_loop_it_is_told_as_a_loop() -> None:
    assert codes("out = [float(ds.sst.isel(y=i).mean()) for i in range(3)]") == ["DSK301"]


def test_what_took_no_time_is_not_told() -> None:
    code = (
        "import dask.array as da\nr = da.random.default_rng(1).random((4, 4))\n"
        "if (r > 2).any():\n    print(r)\n"
    )
    assert list(analyze(perform(code)[-1]).findings) == []

from __future__ import annotations

import pytest
from setting import codes, found, marked

from dask_lens.rules.incremental_concat import rule

FINE = [
    pytest.param("d = dd.concat([ddf, ddf])", id="no loop"),
    pytest.param("ds = []\nfor p in ps:\n    ds.append(dd.read_csv(p))\nd = dd.concat(ds)",
                 id="collected"),
    pytest.param("for p in ps:\n    d = dd.concat([ddf, dd.read_csv(p)])", id="another name"),
    pytest.param("for p in ps:\n    d = dd.read_csv(p)\n    d = dd.concat([d, ddf])",
                 id="begun anew in each pass"),
    pytest.param("for i in range(9):\n    x = da.concatenate([x, x[-1:] * 2])",
                 id="made from what has grown"),
    pytest.param("for i in range(9):\n    step = f(x)\n    x = da.concatenate([x, step])",
                 id="made from what has grown, by name"),
    pytest.param("for p in ('a', 'b'):\n    ddf = dd.concat([ddf, dd.read_csv(p)])", id="twice"),
    pytest.param("d = pd.DataFrame()\nfor p in ps:\n    d = pd.concat([d, pd.read_csv(p)])",
                 id="pandas"),
    pytest.param("a = np.ones(3)\nfor p in ps:\n    a = np.concatenate([a, b])", id="NumPy"),
    pytest.param("d = xr.open_dataset(p)\nfor p in ps:\n    d = xr.concat([d, xr.open_dataset(p)],"
                 " 'time')", id="xarray in memory"),
    pytest.param("while True:\n    x = da.concatenate([x, x])", id="doubling"),
    pytest.param("for i in r:\n    y = x.rechunk(i)", id="cut another way in every pass"),
    pytest.param("for p in paths:\n    y = f(p).rechunk(5)", id="another array in every pass"),
    pytest.param("for p in paths:\n    y = da.from_zarr(p)\n    y = y.rechunk(5)",
                 id="another array of the same name"),
    pytest.param("for i in r:\n    x = f(x)\n    x = x.rechunk(5)", id="cut after each step"),
    pytest.param("for p in paths:\n    d = xr.open_dataset(p, chunks={})\n    d.to_zarr(p + 'z')",
                 id="files that are worked on one by one"),
    pytest.param("d = xr.concat([xr.open_dataset(p, chunks={}) for p in ['a', 'b']], 't')",
                 id="two files"),
]  # fmt: skip


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_for(source: str) -> None:
    assert found(rule, source) == []


FOUND = [
    pytest.param("for p in ps:\n    ddf = dd.concat([ddf, dd.read_csv(p)])  #!", id="tables"),
    pytest.param("for p in ps:\n    ddf = dd.concat((dd.read_csv(p), ddf))  #!", id="a tuple"),
    pytest.param("for b in bs:\n    x = da.concatenate([x, b], axis=1)  #!", id="arrays"),
    pytest.param("for b in bs:\n    x = da.vstack([x, b])  #!", id="rows of arrays"),
    pytest.param("for p in ps:\n    ds = xr.concat([ds, xr.open_mfdataset(p)], 't')  #!",
                 id="datasets"),
    pytest.param("d = None\nfor p in ps:\n    n = dd.read_csv(p)\n    if d is None:\n"
                 "        d = n\n    else:\n        d = dd.concat([d, n])  #!", id="from nothing"),
    pytest.param("d = None\nfor p in ps:\n    n = dd.read_csv(p)\n"
                 "    d = n if d is None else dd.concat([d, n])  #!", id="from nothing, at once"),
    pytest.param("def load(ps):\n    d = dd.read_csv(ps[0])\n    for p in ps[1:]:\n"
                 "        d = dd.concat([d, dd.read_csv(p)])  #!\n    return d", id="a function"),
    pytest.param("for i in r:\n    y = x.rechunk(2)  #!\n    f(y + i)", id="cut in a loop"),
    pytest.param("for i in r:\n    x = x.rechunk({0: 2})  #!\n    f(x, i)", id="cut again"),
    pytest.param("for i in r:\n    f(ds.chunk({'time': 10}).isel(time=i))  #!", id="a dataset"),
    pytest.param("parts = []\nfor p in paths:\n    d = xr.open_dataset(p, chunks={})  #!\n"
                 "    parts.append(d)\nall_ = xr.concat(parts, dim='time')", id="files"),
    pytest.param("d = xr.concat([xr.open_dataset(p) for p in paths], dim='t')  #!",
                 id="files in a comprehension"),
]  # fmt: skip


@pytest.mark.parametrize("source", FOUND)
def test_it_is_found_for(source: str) -> None:
    assert found(rule, source) == marked(source)


def test_one_cause_is_told_once() -> None:
    source = "for p in ps:\n    ddf = dd.concat([ddf, dd.read_csv(p)])\nddf.a.sum().compute()"
    assert codes(source) == ["DSK510"]

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
]  # fmt: skip


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_for(source: str) -> None:
    assert found(rule, source) == []


FOUND = [
    pytest.param("for p in ps:\n    ddf = dd.concat([ddf, dd.read_csv(p)])  #!", id="tables"),
    pytest.param("for p in ps:\n    ddf = dd.concat((dd.read_csv(p), ddf))  #!", id="a tuple"),
    pytest.param("for b in bs:\n    x = da.concatenate([x, b], axis=1)  #!", id="arrays"),
    pytest.param("for p in ps:\n    ds = xr.concat([ds, xr.open_mfdataset(p)], 't')  #!",
                 id="datasets"),
    pytest.param("d = None\nfor p in ps:\n    n = dd.read_csv(p)\n    if d is None:\n"
                 "        d = n\n    else:\n        d = dd.concat([d, n])  #!", id="from nothing"),
    pytest.param("def load(ps):\n    d = dd.read_csv(ps[0])\n    for p in ps[1:]:\n"
                 "        d = dd.concat([d, dd.read_csv(p)])  #!\n    return d", id="a function"),
]  # fmt: skip


@pytest.mark.parametrize("source", FOUND)
def test_it_is_found_for(source: str) -> None:
    assert found(rule, source) == marked(source)


def test_one_cause_is_told_once() -> None:
    source = "for p in ps:\n    ddf = dd.concat([ddf, dd.read_csv(p)])\nddf.a.sum().compute()"
    assert codes(source) == ["DSK510"]

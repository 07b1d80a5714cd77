from __future__ import annotations

import pytest
from performing import perform
from setting import codes, found, marked

from dask_lens.report import analyze
from dask_lens.rules.compute_before_reduce import rule

FINE = [
    pytest.param("ddf.x.mean().compute()", id="reduced first"),
    pytest.param("ddf.head()", id="a look"),
    pytest.param("ddf.groupby('a').b.mean().compute().head()", id="small already: a group"),
    pytest.param("x.sum(axis=0).compute().max()", id="small already: a sum"),
    pytest.param("ddf.a.value_counts().compute().head()", id="small already: counts"),
    pytest.param("ddf.describe().compute().mean()", id="small already: a description"),
    pytest.param("df = ddf.compute()\nprint(df.x.mean())\ndf.plot()", id="used for more"),
    pytest.param("df = ddf.compute()\nmodel.fit(df)\ndf.head()", id="given to something"),
    pytest.param("df = ddf.compute()\ndf.head()\ndf = df.dropna()", id="named again"),
    pytest.param("df = ddf.compute()", id="not used"),
    pytest.param("lazy(1).compute()[0]", id="the first of a delayed result"),
    pytest.param("dask.compute(ddf.x.mean())[0]", id="the first of a tuple"),
    pytest.param("ddf.compute()['x']", id="a column"),
    pytest.param("ddf.compute().sort_values('a').plot()", id="pandas' own methods"),
    pytest.param("bag.compute()[0]", id="a bag"),
    pytest.param("%time ddf.compute().head()", id="timed"),
    pytest.param("m.mean().compute().max()", id="something unknown, small already"),
    pytest.param("def g():\n    df = ddf.compute()\n    print(df.head())\n    return df",
                 id="given back by a function"),
    pytest.param("def g():\n    global df\n    df = ddf.compute()\n    print(df.head())\ng()\n"
                 "df.to_csv('a')", id="a function's, and others'"),
    pytest.param("out = []\nfor v in ddf.x.compute():\n    out.append(v)",
                 id="a loop that collects"),
    pytest.param("s = 0\nfor v in ddf.x.compute():\n    s += model(v)", id="a loop that calls"),
    pytest.param("out = []\nfor v in ddf.x.compute():\n    out += [v]",
                 id="a loop that adds to a list"),
]  # fmt: skip


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_for(source: str) -> None:
    assert found(rule, source) == []


FOUND = [
    pytest.param("ddf.compute().head()  #!", id="a head"),
    pytest.param("m = ddf.x.compute().mean()  #!", id="a mean"),
    pytest.param("ddf[ddf.x > 3].compute().describe()  #!", id="a description"),
    pytest.param("first = x.compute()[:1000]  #!", id="a slice"),
    pytest.param("v = x.compute()[0]  #!", id="one item"),
    pytest.param("ddf.compute().tail(3)  #!", id="a tail"),
    pytest.param("df = ddf.compute()  #!\ndf.head()", id="a name that is only looked at"),
    pytest.param("df = ddf.compute()  #!\nprint(df.x.mean(), df['y'].sum())", id="only reduced"),
    pytest.param("def g():\n    df = ddf.compute()  #!\n    return df.head()", id="in a function"),
    pytest.param("m = ds.sst.compute().mean()  #!", id="xarray"),
    pytest.param(
        "n = 0\nfor v in ddf.x.compute():  #!\n    if v > 3:\n        n += 1",
        id="a loop that counts",
    ),
    pytest.param(
        "col = ddf.x.compute()  #!\ns = 0\nfor v in col:\n    s += v * 2",
        id="a loop over a name that adds up",
    ),
    pytest.param("u = ddf.x.compute().unique()  #!", id="distinct values"),
    pytest.param("frame().compute().head()  #!", id="something unknown"),
]


@pytest.mark.parametrize("source", FOUND)
def test_it_is_found_for(source: str) -> None:
    assert found(rule, source) == marked(source)


def test_uses_in_later_cells_count() -> None:
    assert found(rule, "df = ddf.compute()", "df.head()", "df.plot()") == []
    assert found(rule, "df = ddf.compute()  #!", "df.head()") == [(1, 1)]


def test_one_cause_is_told_once() -> None:
    assert codes("a = ddf.x.compute().mean()\nb = ddf.y.compute().mean()") == ["DSK310"] * 2
    assert codes("[ddf[c].compute().mean() for c in 'ab']") == ["DSK301"]


def test_what_took_no_time_is_not_told() -> None:
    code = "import dask.array as da\nx = da.arange(10, chunks=5)\nmean = x.compute().mean()\n"
    assert analyze(perform(code)[-1]).findings == ()

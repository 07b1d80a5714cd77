from __future__ import annotations

import pytest
from performing import perform
from setting import codes, found, marked

from dask_lens.report import analyze
from dask_lens.rules.repeated_set_index import rule

FINE = [
    pytest.param("a = ddf.set_index('id')\nb = a.x.mean().compute()", id="once"),
    pytest.param("a = ddf.sort_values('t').set_index('t', sorted=True)", id="sorted, and said so"),
    pytest.param("a = ddf.set_index('a').reset_index().set_index('b', divisions=ks)",
                 id="divisions that are known"),
    pytest.param("a = ddf.set_index('t').loc['2020':].reset_index().set_index('id')",
                 id="an order that is used in between"),
    pytest.param("a = ddf.set_index('t').groupby('k').x.mean().reset_index().set_index('k')",
                 id="little is left"),
    pytest.param("a = ddf.set_index('t').persist()\nb = a.reset_index().set_index('id')",
                 id="persisted in between"),
    pytest.param("a = ddf.set_index('a')\nb = ddf.set_index('b')", id="two orders of the same"),
    pytest.param("for c in ['a', 'b']:\n    ddf.set_index(c).to_parquet(c)", id="one for each"),
    pytest.param("for p in paths:\n    d = dd.read_csv(p).set_index('t')\n    d.to_csv(p + 'q')",
                 id="another dataframe in each pass"),
    pytest.param("for p in paths:\n    d = dd.read_csv(p)\n    d = d.set_index('t')\n    f(d)",
                 id="another dataframe in each pass, under the same name"),
    pytest.param("df = pd.read_csv('a.csv')\na = df.sort_values('t').set_index('t')", id="pandas"),
    pytest.param("m = ddf.merge(e, on='k').merge(g, on='l')", id="merges on columns"),
    pytest.param("a = ddf.set_index('k').join(e)\nb = a.reset_index().set_index('l')",
                 id="an order that a join needs"),
    pytest.param("ddf.set_index('t')\na = ddf.set_index('t')\nb = a.x.mean().compute()",
                 id="shown before it is computed"),
    pytest.param("m = ddf.set_index('id').x.mean()\nn = ddf.set_index('id').y.max()\n"
                 "dask.compute(m, n)", id="the same twice in one computation"),
    pytest.param("rs = []\nfor d in days:\n    rs.append(ddf.set_index('t').loc[d].x.mean())\n"
                 "rs = dask.compute(*rs)", id="in a loop, and computed once"),
    pytest.param("def test_it():\n    a = ddf.sort_values('t').set_index('t')", id="a test"),
    pytest.param("%time a = ddf.set_index('t')\n%time b = ddf.set_index('t')", id="timed twice"),
    pytest.param("a = ddf.set_index('t', sort=False).set_index('u')", id="not ordered at first"),
]  # fmt: skip


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_for(source: str) -> None:
    assert found(rule, source) == []


FOUND = [
    pytest.param("a = ddf.sort_values('t').set_index('t')  #!", id="sorted and indexed"),
    pytest.param("a = ddf.set_index('a').reset_index().set_index('b')  #!", id="indexed twice"),
    pytest.param("a = ddf.set_index('a')\nb = a.reset_index().dropna()\nc = b.set_index('b')  #!",
                 id="indexed twice, by names"),
    pytest.param("a = ddf.set_index('a').sort_values('b')  #!", id="indexed and sorted"),
    pytest.param("a = ddf.shuffle('a').set_index('b')  #!", id="shuffled and indexed"),
    pytest.param("for d in days:\n    r = ddf.set_index('t').loc[d].x.mean()  #!\n"
                 "    print(r.compute())", id="in a loop"),
    pytest.param("for c in cols:\n    ddf = ddf.set_index(c).reset_index()  #!",
                 id="what the pass before has ordered"),
    pytest.param("m = ddf.set_index('id').x.mean().compute()\n"
                 "n = ddf.set_index('id').y.max().compute()  #!", id="the same twice"),
]  # fmt: skip


@pytest.mark.parametrize("source", FOUND)
def test_it_is_found_for(source: str) -> None:
    assert found(rule, source) == marked(source)


def test_one_cause_is_told_once() -> None:
    source = "a = ddf.sort_values('t').set_index('u')\nr = a.x.sum().compute()"
    assert codes(source) == ["DSK511"]


def test_little_data_that_is_ordered_twice_is_fine() -> None:
    *_, run = perform("""
import pandas as pd
import dask.dataframe as dd

ddf = dd.from_pandas(pd.DataFrame({"a": [3, 1, 2], "b": [1, 2, 3]}), npartitions=2)
total = int(ddf.sort_values("b").set_index("a").b.sum().compute())
""")
    assert [f for f in analyze(run).findings if f.code == "DSK511" and f.cost is None] == []

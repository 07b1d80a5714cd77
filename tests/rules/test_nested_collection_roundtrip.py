from __future__ import annotations

import pytest
from setting import codes, found, marked

from dask_lens.rules.nested_collection_roundtrip import rule

FINE = [
    pytest.param("dd.from_pandas(pd.read_csv('a.csv'), npartitions=2)", id="data of pandas"),
    pytest.param("dd.from_pandas(ddf.groupby('a').sum().compute(), npartitions=1)",
                 id="little, after a reduction"),
    pytest.param("dd.from_pandas(ddf.head(), npartitions=1)", id="the first rows"),
    pytest.param("df = ddf.compute()\ndf.plot()\nd2 = dd.from_pandas(df, npartitions=2)",
                 id="data that is used here too"),
    pytest.param("d2 = dd.from_pandas(pd.DataFrame(), npartitions=2)\nd2.compute()",
                 id="a collection with a name"),
    pytest.param("df = pd.DataFrame()\ndd.from_pandas(df, npartitions=2).sum().compute()",
                 id="work between making and computing"),
    pytest.param("da.from_array(np.ones(3)).sum().compute()", id="an array that is reduced"),
    pytest.param("da.from_array(x.mean(axis=0).compute())", id="an array after a reduction"),
    pytest.param("dd.from_pandas(thing.compute(), npartitions=2)", id="an unknown object"),
    pytest.param("%time dd.from_pandas(pd.DataFrame(), npartitions=2).compute()",
                 id="a line that is timed"),
    pytest.param("d = dd.from_delayed([lazy(p) for p in ddf.to_delayed()])", id="work on pieces"),
    pytest.param("d = dd.from_delayed(ddf.to_delayed(), divisions=ks)", id="other divisions"),
    pytest.param("df = pd.concat([p.compute() for p in ps])\ndf.plot()\n"
                 "d = dd.from_pandas(df, npartitions=2)", id="pieces that are used here too"),
    pytest.param("df = pd.concat([pd.read_csv(p) for p in ps])\n"
                 "d = dd.from_pandas(df, npartitions=2)", id="pieces of pandas"),
    pytest.param("df = ddf.compute()\ndf = df.dropna()\ndd.from_pandas(df, npartitions=2)",
                 id="data that pandas worked on"),
]  # fmt: skip


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_where(source: str) -> None:
    assert found(rule, source) == []


FOUND = [
    pytest.param("d2 = dd.from_pandas(ddf.compute(), npartitions=2)  #!", id="a dataframe"),
    pytest.param("d2 = dd.from_pandas(ddf[ddf.a > 0].compute(), npartitions=2)  #!",
                 id="some of its rows"),
    pytest.param("df = ddf.compute()\nd2 = dd.from_pandas(df, npartitions=2)  #!",
                 id="under a name that serves only this"),
    pytest.param("y = da.from_array((x + 1).compute(), chunks=2)  #!", id="an array"),
    pytest.param("df = pd.DataFrame()\nd = dd.from_pandas(df, npartitions=2).compute()  #!",
                 id="made and computed at once"),
    pytest.param("parts = [dd.read_csv(p) for p in ps]\n"
                 "d = dd.from_pandas(pd.concat([p.compute() for p in parts]), npartitions=2)  #!",
                 id="pieces that were computed"),
    pytest.param("df = pd.concat([p.compute() for p in ddf.partitions])\n"
                 "d = dd.from_pandas(df, npartitions=9)  #!", id="pieces, by name"),
    pytest.param("d = dd.from_delayed(ddf.to_delayed())  #!", id="partitions put back"),
]  # fmt: skip


@pytest.mark.parametrize("source", FOUND)
def test_it_is_found(source: str) -> None:
    assert found(rule, source) == marked(source)


def test_one_cause_is_told_once() -> None:
    source = "d = dd.from_pandas(pd.concat([p.compute() for p in ddf.partitions]), npartitions=2)"
    assert codes(f"{source}\nr = d.a.sum().compute()") == ["DSK407"]

from __future__ import annotations

import pytest
from setting import found, marked

from dask_lens.rules.row_wise_apply import rule

FINE = [
    pytest.param("ddf.a.apply(f, meta=('a', int))", id="the values of a column"),
    pytest.param("df = pd.read_csv('a')\ndf.apply(f, axis=1)", id="pandas"),
    pytest.param("ddf.apply(f, axis=0)", id="columns"),
    pytest.param("ddf.map_partitions(lambda p: p.a + p.b)", id="whole tables"),
    pytest.param("ddf.groupby('a').apply(f, axis=1)", id="groups"),
    pytest.param("d = dd.from_pandas(pd.DataFrame({'a': [1, 2]}), npartitions=2)\n"
                 "d.apply(f, axis=1)", id="a small table"),
    pytest.param("def g(p):\n    return p.apply(f, axis=1)\ng(df)", id="no task"),
    pytest.param("@delayed\ndef g(jobs):\n    for _, job in jobs.iterrows():\n"
                 "        download(job.url)\ng(df).compute()", id="rows that are jobs, in a task"),
    pytest.param("def g(p):\n    s = 0\n    for _, row in p.iterrows():\n        s += row.a\n"
                 "    return s\ng(df)", id="a loop that is no task"),
    pytest.param("@delayed\ndef g(p):\n    return p.apply(lambda r: model(r), axis=1)\n"
                 "g(df).compute()", id="a function that may take its time"),
    pytest.param("def g(p, q):\n    return q.iterrows()\nddf.map_partitions(g, df)", id="another"),
]  # fmt: skip


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_for(source: str) -> None:
    assert found(rule, source) == []


FOUND = [
    pytest.param("r = ddf.apply(f, axis=1)  #!", id="rows"),
    pytest.param("r = ddf[ddf.a > 0].apply(lambda r: r.a, axis='columns')  #!", id="by name"),
    pytest.param("r = ddf.map_partitions(lambda p: p.apply(f, axis=1))  #!", id="in a lambda"),
    pytest.param("@delayed\ndef g(path):\n    p, s = pd.read_csv(path), 0\n"
                 "    for _, row in p.iterrows():  #!\n        s += row.a\n    return s\n"
                 "g('a').compute()", id="in a delayed function"),
    pytest.param("def g(p):\n    return p.apply(lambda r: r.a + r.b, axis=1)  #!\n"
                 "futures = client.map(g, [df, df])", id="in a function that is submitted"),
    pytest.param("def g(p):\n    for _, row in p.iterrows():  #!\n        f(row)\n    return p\n"
                 "r = ddf.map_partitions(g)", id="in a function of partitions"),
]  # fmt: skip


@pytest.mark.parametrize("source", FOUND)
def test_it_is_found_for(source: str) -> None:
    assert found(rule, source) == marked(source)

from __future__ import annotations

import pytest
from setting import found, marked

from dask_lens.rules.collection_passed_to_submit import rule

FINE = [
    pytest.param("client.submit(f, 1)", id="a number"),
    pytest.param("fut = client.submit(f, 1)\nclient.submit(f, fut)", id="a future"),
    pytest.param("client.submit(f, client.compute(x))", id="a future of a collection"),
    pytest.param("client.submit(f, ddf.compute())", id="what it computed to"),
    pytest.param("client.submit(f, ddf.npartitions)", id="what is known of it"),
    pytest.param("client.map(f, client.compute(bag.to_delayed()))", id="futures of its parts"),
    pytest.param("def g(d): return d.compute()\nclient.submit(g, ddf)",
                 id="a function that computes it"),
    pytest.param("def h(d): return d.compute()\ndef g(d): return h(d)\nclient.submit(g, ddf)",
                 id="a function that calls one that computes it"),
    pytest.param("def g(d): return dask.compute(d)[0]\nclient.submit(g, ddf)",
                 id="a function that uses dask.compute"),
    pytest.param("def g(d):\n    from dask.distributed import worker_client\n"
                 "    with worker_client() as c: return c.compute(d)\nclient.submit(g, ddf)",
                 id="a function with a client of its own"),
    pytest.param("def g(d, path): return d.to_parquet(path)\nclient.submit(g, ddf, 'out')",
                 id="a function that writes it"),
    pytest.param("import xgboost\ndef g(d): return xgboost.dask.train(d)\nclient.submit(g, ddf)",
                 id="a launcher"),
    pytest.param("from mine import train\nclient.submit(train, ddf)",
                 id="a function that is not known"),
    pytest.param("from dask_ml.wrappers import train\nclient.submit(train, lazy(1))",
                 id="a function of a library for Dask"),
    pytest.param("client.submit(type, x)", id="a look at what arrives"),
    pytest.param("from concurrent.futures import ThreadPoolExecutor as P\nP().submit(f, x)",
                 id="a thread pool"),
    pytest.param("list(map(f, [x]))", id="the builtin map"),
    pytest.param("delayed(f)(lazy(1))", id="delayed, which computes it"),
    pytest.param("arr = np.ones(3)\nclient.submit(f, arr)", id="an array of NumPy"),
    pytest.param("client.map(f, [1, 2], key=['a', 'b'])", id="keywords of the client"),
]  # fmt: skip


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_where(source: str) -> None:
    assert found(rule, source) == []


FOUND = [
    pytest.param("client.submit(f, x)  #!", id="an array"),
    pytest.param("client.submit(f, ddf)  #!", id="a dataframe"),
    pytest.param("client.submit(f, 1, ddf.a)  #!", id="a series, second"),
    pytest.param("client.submit(f, a=lazy(1))  #!", id="a keyword"),
    pytest.param("futs = client.map(f, [lazy(i) for i in range(3)])  #!", id="a list of Delayed"),
    pytest.param("parts = []\nfor i in range(3):\n    parts.append(lazy(i))\n"
                 "client.map(f, parts)  #!", id="a list that a loop filled"),
    pytest.param("client.map(f, ddf.to_delayed())  #!", id="the parts of a dataframe"),
    pytest.param("client.map(f, [1, 2], more=ddf)  #!", id="a keyword of map"),
    pytest.param("client.submit(sum, [lazy(1), lazy(2)])  #!", id="a builtin"),
    pytest.param("client.submit(np.mean, x)  #!", id="a function of NumPy"),
    pytest.param("client.submit(lambda a: a + 1, bag)  #!", id="a lambda"),
    pytest.param("y = x.persist()\nclient.submit(f, y)  #!", id="persisted, and lazy still"),
    pytest.param("from mine import train\nclient.submit(train, lazy(1))  #!",
                 id="Delayed to a function that is not known"),
    pytest.param("with Client() as c:\n    c.submit(f, x)  #!", id="another client"),
]  # fmt: skip


@pytest.mark.parametrize("source", FOUND)
def test_it_is_found(source: str) -> None:
    assert found(rule, source) == marked(source)

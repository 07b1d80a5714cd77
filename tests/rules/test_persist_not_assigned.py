from __future__ import annotations

import pytest
from setting import found, marked

from dask_lens.rules.persist_not_assigned import rule

FINE = [
    pytest.param("ddf = ddf.persist()", id="assigned"),
    pytest.param("ddf = client.persist(ddf)", id="assigned, by the client"),
    pytest.param("ddf, x = dask.persist(ddf, x)", id="assigned, by dask"),
    pytest.param("wait(ddf.persist())", id="passed on"),
    pytest.param("progress(x.persist())", id="passed to progress"),
    pytest.param("def g():\n    return ddf.persist()\ng()", id="returned"),
    pytest.param("out = [y.persist() for y in (x, ddf)]", id="in a list"),
    pytest.param("x.persist().sum().compute()", id="used at once"),
    pytest.param("client.persist(x)\n1", id="a future of the client's, another rule's"),
    pytest.param("%time x.persist()", id="timed by a magic"),
    pytest.param("t0 = time.time()\nx.persist()\nprint(time.time() - t0)", id="timed"),
    pytest.param("from pyspark.sql import SparkSession\nspark = SparkSession()\n"
                 "sdf = spark.read.csv('a')\nsdf.persist()", id="Spark"),
    pytest.param("model.persist('a')", id="a persist with an argument"),
    pytest.param("pd.DataFrame({}).persist()", id="pandas"),
]  # fmt: skip


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_where_it_is(source: str) -> None:
    assert found(rule, source) == []


FOUND = [
    pytest.param("ddf.persist()  #!", id="a dataframe"),
    pytest.param("x.persist()  #!\nx.sum().compute()", id="an array, used afterwards"),
    pytest.param("ddf.x.mean().persist()  #!", id="without a name"),
    pytest.param("dask.persist(x, ddf)  #!", id="by dask"),
    pytest.param("ds.persist()  #!", id="xarray"),
    pytest.param("def g(frame):\n    frame.persist()  #!\n    return frame\n", id="a parameter"),
    pytest.param("if True:\n    bag.persist()  #!", id="under a condition"),
    pytest.param("%%time\nddf.persist()  #!", id="in a timed cell"),
    pytest.param("for y in (x, x):\n    y.persist()  #!", id="in a loop"),
]


@pytest.mark.parametrize("source", FOUND)
def test_it_is_found_where_it_is_dropped(source: str) -> None:
    assert found(rule, source) == marked(source)

from __future__ import annotations

import pytest
from setting import found, marked

from dask_lens.rules.collection_passed_to_delayed import rule

FINE = [
    pytest.param("lazy(1)", id="a number"),
    pytest.param("lazy(lazy(1))", id="another delayed call"),
    pytest.param("lazy(ddf.a.sum())", id="a sum"),
    pytest.param("lazy(ddf.groupby('a').b.mean())", id="groups"),
    pytest.param("[lazy(p) for p in ddf.to_delayed()]", id="its parts"),
    pytest.param("lazy(dd.from_pandas(pd.DataFrame(), npartitions=1))", id="one partition"),
    pytest.param("lazy(ddf.repartition(npartitions=1))", id="repartitioned"),
    pytest.param("lazy(ddf.partitions[0])", id="one of its partitions"),
    pytest.param("lazy(dd.read_csv('one.csv'))", id="one file"),
    pytest.param("lazy(dd.read_parquet('one.parquet'))", id="one file of parquet"),
    pytest.param("lazy(da.ones(9, chunks=-1))", id="one chunk"),
    pytest.param("lazy(ddf.compute())", id="what it computed to"),
    pytest.param("ddf.map_partitions(f)", id="map_partitions"),
    pytest.param("lazy(xr.open_dataset('one.nc'))", id="a Dataset of one file"),
    pytest.param("f(ddf)", id="a plain function"),
    pytest.param("from joblib import delayed as d2\nd2(f)(ddf)", id="joblib's delayed"),
    pytest.param("lazy(thing)", id="something unknown"),
    pytest.param("delayed(ddf)", id="a collection that is wrapped"),
]


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_where(source: str) -> None:
    assert found(rule, source) == []


FOUND = [
    pytest.param("lazy(ddf)  #!", id="a dataframe"),
    pytest.param("delayed(f)(ddf.a)  #!", id="a column"),
    pytest.param("lazy(1, x + 1)  #!", id="an array, second"),
    pytest.param("lazy(ds)  #!", id="a Dataset of many files"),
    pytest.param("@delayed\ndef g(a): return a\ng(ddf[ddf.a > 0])  #!", id="a decorated function"),
    pytest.param("lazy(dd.read_parquet('s3://there/table/'))  #!", id="a folder of parquet"),
    pytest.param("d2 = dd.from_pandas(pd.DataFrame(), npartitions=4)\nlazy(d2)  #!",
                 id="cut in four"),
]  # fmt: skip


@pytest.mark.parametrize("source", FOUND)
def test_it_is_found(source: str) -> None:
    assert found(rule, source) == marked(source)

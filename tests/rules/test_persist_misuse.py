from __future__ import annotations

import pytest
from setting import found, marked

from dask_lens.rules.persist_misuse import rule

FINE = [
    pytest.param("p = ddf.persist()\na = p.x.sum().compute()\nb = p.y.sum().compute()",
                 id="used twice"),
    pytest.param("ddf.persist().x.sum().compute()", id="a part of it is computed"),
    pytest.param("x.compute()", id="no persist"),
    pytest.param("wait(x.persist())", id="waited for"),
    pytest.param("cache.persist().compute()", id="something unknown"),
]  # fmt: skip


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_for(source: str) -> None:
    assert found(rule, source) == []


FOUND = [
    pytest.param("v = x.sum().persist().compute()  #!", id="an array"),
    pytest.param("v = ddf.groupby('a').b.mean().persist().compute()  #!", id="a group"),
    pytest.param("(v,) = dask.compute(x.persist())  #!", id="by dask.compute"),
    pytest.param("ds.sst.persist().load()  #!", id="xarray"),
]


@pytest.mark.parametrize("source", FOUND)
def test_it_is_found_for(source: str) -> None:
    assert found(rule, source) == marked(source)

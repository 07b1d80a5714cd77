"""A chunk size for every scheduler: DSK202."""

from __future__ import annotations

import pytest
from setting import found, marked

from dask_lens.rules.chunksize_config import rule

FINE = [
    pytest.param("dask.config.set(chunksize=1)", id="one task at a time"),
    pytest.param("dask.config.set(chunksize=None)", id="none"),
    pytest.param("dask.config.set(chunksize=n)", id="a number that is not known"),
    pytest.param("dask.config.set({'array.chunk-size': '64MiB'})", id="the size of chunks"),
    pytest.param(
        "with dask.config.set(scheduler='processes', chunksize=6):\n    lazy(1).compute()",
        id="together with the processes it is meant for",
    ),
    pytest.param("lazy(1).compute(scheduler='processes', chunksize=6)", id="of one call"),
    pytest.param("x.rechunk(-1)\nda.ones(3, chunks=-1)", id="chunks of arrays"),
    pytest.param("other.set(chunksize=6)", id="something else that sets"),
    pytest.param("pool.map(f, [1], chunksize=-1)", id="the chunk size of something else"),
]


@pytest.mark.parametrize("code", FINE)
def test_what_is_fine_is_silent(code: str) -> None:
    assert found(rule, code) == []


FOUND = [
    pytest.param("dask.config.set(chunksize=6)  #!", id="a keyword"),
    pytest.param("dask.config.set({'chunksize': 12})  #!", id="a dict"),
    pytest.param("from dask import config as c\nc.set(chunksize=2)  #!", id="by another name"),
    pytest.param("dask.config.set(chunksize=-1)  #!", id="minus one"),
    pytest.param("with dask.config.set(chunksize=6):  #!\n    lazy(1).compute()", id="in a block"),
    pytest.param(
        "with dask.config.set(scheduler='processes', chunksize=-1):  #!\n    lazy(1).compute()",
        id="minus one for processes",
    ),
    pytest.param("lazy(1).compute(scheduler='processes', chunksize=-1)  #!", id="in a call"),
]


@pytest.mark.parametrize("code", FOUND)
def test_it_is_found_however_it_is_written(code: str) -> None:
    assert found(rule, code) == marked(code)

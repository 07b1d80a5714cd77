"""A local scheduler beside a cluster: DSK204."""

from __future__ import annotations

import pytest
from reading import assert_found, findings
from setting import found, marked

from dask_lens.rules.scheduler_bypasses_client import rule

FINE = [
    pytest.param("lazy(1).compute()", id="no scheduler named"),
    pytest.param("lazy(1).compute(scheduler='sync')", id="one thread, to debug"),
    pytest.param("lazy(1).compute(scheduler='single-threaded')", id="the same, spelled out"),
    pytest.param("lazy(1).compute(scheduler=s)", id="a scheduler that is not known"),
    pytest.param("lazy(1).compute(scheduler='distributed')", id="the cluster, by name"),
    pytest.param("lazy(1).compute(scheduler=client)", id="the client itself"),
    pytest.param("client.close()\nlazy(1).compute(scheduler='threads')", id="after it was closed"),
    pytest.param(
        "lazy(1).compute(scheduler='threads')\nlazy(1).compute(scheduler='processes')",
        id="a comparison of schedulers",
    ),
    pytest.param("joblib.compute(scheduler='threads')", id="something else that computes"),
]


@pytest.mark.parametrize("code", FINE)
def test_what_is_fine_is_silent(code: str) -> None:
    assert found(rule, code) == []


@pytest.mark.parametrize(
    "before",
    [
        pytest.param("client = None", id="no client"),
        pytest.param("with Client() as client:\n    lazy(1).compute()", id="a client of a block"),
        pytest.param("client = Client(set_as_default=False)", id="a client that is no default"),
    ],
)
def test_where_no_client_is_there_it_is_silent(before: str) -> None:
    setup = "import dask\nfrom dask.distributed import Client\nlazy = dask.delayed(abs)\n"
    assert findings(rule, setup + before, "lazy(1).compute(scheduler='threads')") == []


FOUND = [
    pytest.param("lazy(1).compute(scheduler='threads')  #!", id="a method"),
    pytest.param("dask.compute(lazy(1), scheduler='processes')  #!", id="the function"),
    pytest.param("ddf.persist(scheduler='threading')  #!", id="persist"),
]


@pytest.mark.parametrize("code", FOUND)
def test_it_is_found_however_it_is_written(code: str) -> None:
    assert found(rule, code) == marked(code)


def test_it_is_found_within_the_block_of_a_client() -> None:
    setup = "import dask\nfrom dask.distributed import Client\nlazy = dask.delayed(abs)\n"
    block = "with Client() as c:\n    lazy(1).compute(scheduler='threads')  # found here"
    assert_found(rule, setup, block)

from __future__ import annotations

import pytest
from reading import assert_found, findings

from dask_lens.rules.delayed_passed_to_submit import rule

SETUP = """\
import dask
from dask import delayed
from dask.distributed import *
client = Client()
@delayed
def lazy(x): return x
def plain(x): return x
"""

FINE = [
    pytest.param("client.submit(plain, 1)", id="a plain function"),
    pytest.param("client.compute(lazy(1))", id="a lazy call that is computed"),
    pytest.param("client.compute([lazy(x) for x in range(3)])", id="several that are computed"),
    pytest.param("client.submit(plain, lazy(1))", id="a lazy argument, another rule's"),
    pytest.param("from concurrent.futures import ThreadPoolExecutor as Pool\n"
                 "with Pool() as p: p.submit(lazy, 1)", id="a thread pool"),
    pytest.param("map(lazy, [1])", id="the builtin map"),
    pytest.param("from joblib import delayed as d2\nclient.map(d2(plain), [1])",
                 id="joblib's delayed"),
    pytest.param("def lazy(x): return x\nclient.submit(lazy, 1)", id="a later plain definition"),
]  # fmt: skip


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_where(source: str) -> None:
    assert findings(rule, SETUP, source) == []


FOUND = [
    pytest.param("client.submit(lazy, 1)  # found here", id="submit"),
    pytest.param("futs = client.map(lazy, [1])  # found here", id="map"),
    pytest.param("futs = [client.submit(delayed(plain), x) for x in xs]  # found here",
                 id="made lazy in the call"),
    pytest.param("f = dask.delayed(plain)\nclient.map(f, [1])  # found here", id="under a name"),
    pytest.param("from distributed import Client as C\nwith C() as e:\n"
                 "    e.submit(lazy, 1)  # found here", id="an alias"),
]  # fmt: skip


@pytest.mark.parametrize("source", FOUND)
def test_it_is_found(source: str) -> None:
    assert assert_found(rule, SETUP, source).certainty == "likely"

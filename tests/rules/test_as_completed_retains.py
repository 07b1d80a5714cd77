from __future__ import annotations

import pytest
from setting import found, marked

from dask_lens.rules.as_completed_retains import rule

MADE = "futures = client.map(f, range(9))\n"
FINE = [
    pytest.param(MADE + "for fut in as_completed(futures):\n    print(fut.result())",
                 id="a loop that does not let go"),
    pytest.param(MADE + "for fut in as_completed(futures):\n    fut.result()\n    fut.release()",
                 id="a future that is released"),
    pytest.param("for fut in as_completed(client.map(f, 'ab')):\n    fut.result()\n    del fut",
                 id="a list without a name"),
    pytest.param(MADE + "for fut in as_completed(futures):\n    r = fut.result()\n    del r",
                 id="another name"),
    pytest.param(MADE + "for fut in as_completed(futures):\n    del fut\nclient.gather(futures)",
                 id="futures that are used again"),
    pytest.param(MADE + "for fut in as_completed(futures):\n    futures.remove(fut)\n    del fut",
                 id="a list that lets go too"),
    pytest.param(MADE + "seq = as_completed(futures)\ndel futures\nfor fut in seq:\n    del fut",
                 id="a list that is deleted before"),
    pytest.param("from concurrent.futures import as_completed as done, ThreadPoolExecutor as P\n"
                 "futures = [P().submit(f, 1)]\nfor fut in done(futures):\n    del fut",
                 id="a thread pool"),
]  # fmt: skip


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_where(source: str) -> None:
    assert found(rule, source) == []


FOUND = [
    pytest.param(MADE + "for fut in as_completed(futures):\n    s = fut.result()\n    del fut  #!",
                 id="a loop"),
    pytest.param(MADE + "for fut, r in as_completed(futures, with_results=True):\n"
                 "    s = r\n    del fut, r  #!", id="with results"),
    pytest.param("many = [client.submit(f, i) for i in range(3)]\n"
                 "for fut in as_completed(many):\n    if fut.done():\n        del fut  #!",
                 id="in a branch"),
]  # fmt: skip


@pytest.mark.parametrize("source", FOUND)
def test_it_is_found(source: str) -> None:
    assert found(rule, source) == marked(source)

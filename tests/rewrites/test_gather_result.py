from __future__ import annotations

import pytest
from proposing import refused, rewritten

NAME = "gather-result"
SETUP = "from dask.distributed import *\nclient = Client()"
USE = "client.submit(f, [1])"
HEAD = "def f(x):\n    with worker_client() as c:\n"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        pytest.param(HEAD + "        return c.submit(g, x).result(timeout=3)", "limit",
                     id="a limit of time"),
        pytest.param("def f(x):\n    c = get_client()\n    secede()\n"
                     "    return c.submit(g, x).result()", "block", id="no block"),
        pytest.param(HEAD + "        fut = c.submit(g, x)\n    return fut.result()", "block",
                     id="after the block"),
        pytest.param("def f(x):\n    return x.result()", "no result", id="something not known"),
    ],
)  # fmt: skip
def test_it_leaves_alone(source: str, reason: str) -> None:
    assert reason in refused(NAME, SETUP, source, USE, at=".result", cell=1)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("        return c.submit(g, x).result()  # it",
                     "        return c.gather(c.submit(g, x))  # it", id="at once"),
        pytest.param("        futs = c.map(g, x)\n        return [f.result() for f in futs]  # it",
                     "        futs = c.map(g, x)\n"
                     "        return [c.gather(f) for f in futs]  # it",
                     id="one by one"),
    ],
)  # fmt: skip
def test_it_is_gathered(before: str, after: str) -> None:
    assert rewritten(NAME, SETUP, HEAD + before, USE, at="# it", cell=1) == (HEAD + after, "same")

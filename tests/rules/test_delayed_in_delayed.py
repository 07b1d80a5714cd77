from __future__ import annotations

import pytest
from reading import assert_found, findings

from dask_lens.rules.delayed_in_delayed import rule

SETUP = """\
import dask
from dask import delayed
from dask.distributed import *
def g(x): return x
@delayed
def lazy(x): return x
"""

FINE = [
    pytest.param("def f(xs):\n    return [delayed(g)(x) for x in xs]\ndask.compute(*f([1]))",
                 id="a plain function that builds the graph"),
    pytest.param("@delayed\ndef f(xs):\n    return dask.compute(*[delayed(g)(x) for x in xs])\n"
                 "f([1])", id="it computes what it builds"),
    pytest.param("@delayed\ndef f(x):\n    d = lazy(x)\n    return d.compute()\nf(1)",
                 id="it computes one call"),
    pytest.param("@delayed\ndef f(xs):\n    return [g(x) for x in xs]\nf([1])",
                 id="plain calls in a lazy function"),
    pytest.param("lazy(lazy(1)).compute()", id="one lazy call given to another"),
    pytest.param("delayed(sum)([lazy(x) for x in range(3)])", id="a list of lazy calls, here"),
    pytest.param("from joblib import delayed as d2, Parallel\n@delayed\ndef f(xs):\n"
                 "    return Parallel(2)(d2(g)(x) for x in xs)\nf([1])", id="joblib in a task"),
    pytest.param("@delayed\ndef f(x):\n    with worker_client() as c:\n"
                 "        return c.gather(c.compute(lazy(x)))\nf(1)",
                 id="a worker's client computes"),
    pytest.param("@delayed\ndef f(delayed, x):\n    return delayed(x)\nf(g, 1)",
                 id="a parameter of that name"),
    pytest.param("def delay(f):\n    return delayed(f)\ndelay(g)(1)", id="a wrapper, called here"),
]  # fmt: skip


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_where(source: str) -> None:
    assert findings(rule, SETUP, source) == []


FOUND = [
    pytest.param("@delayed\ndef f(xs):\n    return [delayed(g)(x) for x in xs]  # found here\n"
                 "f([1])", id="in a comprehension"),
    pytest.param("@dask.delayed\ndef f(x):\n    return lazy(x)  # found here\nf(1)",
                 id="a decorated function is called"),
    pytest.param("def f(x):\n    out = []\n    for y in x:\n"
                 "        out.append(lazy(y))  # found here\n    return out\n"
                 "dask.delayed(f)([1]).compute()", id="made lazy at the call, in a loop"),
    pytest.param("@delayed\ndef fib(n):\n    if n < 2:\n        return n\n"
                 "    return fib(n - 1) + fib(n - 2)  # found here\nfib(3)", id="a recursion"),
    pytest.param("def helper(x):\n    return lazy(x)  # found here\n@delayed\ndef f(x):\n"
                 "    return helper(x)\nf(1)", id="through a plain function"),
    pytest.param("from dask.delayed import delayed as d\n@d(nout=2)\ndef f(x):\n"
                 "    return d(g)(x), x  # found here\nf(1)", id="an alias, with options"),
]  # fmt: skip


@pytest.mark.parametrize("source", FOUND)
def test_it_is_found(source: str) -> None:
    assert assert_found(rule, SETUP, source).certainty == "likely"


def test_a_function_of_an_earlier_cell_is_found() -> None:
    task = "@delayed\ndef f(x):\n    return lazy(x)  # found here"
    assert_found(rule, SETUP, task, "f(1).compute()")

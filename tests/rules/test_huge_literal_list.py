from __future__ import annotations

import pytest
from setting import found, marked

from dask_lens.rules.huge_literal_list import rule

FINE = [
    pytest.param("lazy({i % 3: i for i in range(20_000)})", id="a dict of few keys"),
    pytest.param("lazy(list(range(100)))", id="a short list"),
    pytest.param("lazy([f(i) for i in range(100_000)])", id="items that are not known"),
    pytest.param("lazy([lazy(i) for i in range(100_000)])", id="items that are lazy"),
    pytest.param("lazy(range(100_000))", id="a range, which is not looked into"),
    pytest.param("lazy(np.arange(100_000))", id="an array"),
    pytest.param("lazy(delayed(list(range(100_000)), traverse=False))", id="a wrapped list"),
    pytest.param("f(list(range(100_000)))", id="a plain function"),
    pytest.param("n = 10\nlazy([0] * n)", id="a number with a name"),
    pytest.param("xs = list(range(100_000))\nxs = xs[:3]\nlazy(xs)", id="a name bound twice"),
    pytest.param("from joblib import delayed as d2\nd2(f)(list(range(100_000)))", id="joblib"),
    pytest.param("lazy([x for x in range(100_000) if x < 3])", id="a list with a condition"),
]  # fmt: skip


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_where(source: str) -> None:
    assert found(rule, source) == []


FOUND = [
    pytest.param("lazy(list(range(300_000)))  #!", id="in the call"),
    pytest.param("xs = list(range(300_000))\nlazy(xs)  #!", id="under a name"),
    pytest.param("N = 10**6\nxs = [0] * N\nlazy(1, a=xs)  #!", id="a length under a name"),
    pytest.param("delayed(len)([i * 2 for i in range(2 * 10_000)])  #!", id="a comprehension"),
    pytest.param("lazy(1, a={i: str(i) for i in range(20_000)})  #!", id="a dict"),
    pytest.param("delayed(list(range(50_000)))  #!", id="data that is wrapped"),
    pytest.param("@dask.delayed\ndef g(a): return a\ng(list(range(int(1e6))))  #!",
                 id="a decorated function"),
]  # fmt: skip


@pytest.mark.parametrize("source", FOUND)
def test_it_is_found(source: str) -> None:
    assert found(rule, source) == marked(source)

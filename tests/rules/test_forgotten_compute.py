from __future__ import annotations

import pytest
from setting import found, marked

from dask_lens.rules.forgotten_compute import rule

FINE = [
    pytest.param("lazy(1)", id="the last expression, shown"),
    pytest.param("y = lazy(1)\nz = 1", id="kept"),
    pytest.param("out = []\nfor i in range(3):\n    out.append(lazy(i))", id="collected"),
    pytest.param("lazy(1).compute()\nz = 1", id="computed"),
    pytest.param("lazy(1).visualize()\nz = 1", id="drawn"),
    pytest.param("d = ddf.to_parquet('a', compute=False)\nd.compute()", id="a write, kept"),
    pytest.param("ddf.to_parquet('a')\nz = 1", id="a write"),
    pytest.param("print(lazy(1))", id="a delayed object, printed"),
    pytest.param("print(x, ddf, ds)", id="collections, printed"),
    pytest.param("print(ddf.x.mean().compute())", id="a number, computed and printed"),
    pytest.param("print(f'{ddf.x.mean().compute():.2f}')", id="a number in a text"),
    pytest.param("print(f'{ddf.npartitions} {x.shape}')", id="metadata in a text"),
    pytest.param("f(1)\nz = 1", id="a plain function"),
    pytest.param("from joblib import delayed\ndelayed(f)(1)\nz = 1", id="joblib"),
    pytest.param("def g():\n    return lazy(1)\ng()\nz = 1", id="a function that returns one"),
    pytest.param("for i in range(3):\n    r = lazy(i)\nr.compute()", id="the last one, computed"),
    pytest.param(
        "acc = lazy(0)\nfor i in range(3):\n    acc = lazy(acc)\nacc.compute()",
        id="each made from the one before",
    ),
    pytest.param(
        "def g(v):\n    r = lazy(v)\n    def h(): return r.compute()\n    return h",
        id="a name that a function within reads",
    ),
    pytest.param(
        "def g(v):\n    global r\n    r = lazy(v)\ng(1)\nr.compute()", id="a global name"
    ),
    pytest.param("class A:\n    def g(self):\n        self.r = lazy(1)", id="an attribute"),
    pytest.param("[lazy(i) for i in range(3)]", id="a list, shown"),
    pytest.param("r = lazy(1)", id="a name of the notebook"),
]


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_for(source: str) -> None:
    assert found(rule, source) == []


FOUND = [
    pytest.param("lazy(1)  #!\nz = 1", id="a statement"),
    pytest.param("for i in range(3):\n    lazy(i)  #!", id="in a loop"),
    pytest.param("for i in range(3):\n    delayed(f)(i)  #!\nprint(1)", id="made on the spot"),
    pytest.param("@dask.delayed\ndef save(a): pass\nfor i in 'ab':\n    save(i)  #!",
                 id="a decorator"),
    pytest.param("ddf.to_parquet('a', compute=False)  #!\nz = 1", id="a write, put off"),
    pytest.param("print('mean', ddf.x.mean())  #!", id="a lazy number, printed"),
    pytest.param("m = ddf.x.mean()\nprint(f'mean {m}')  #!", id="a lazy number in a text"),
    pytest.param("n = bag.count()\nprint(n)  #!", id="a bag's count"),
    pytest.param("def go():\n    lazy(1)  #!\n    return 1", id="in a function"),
    pytest.param("[lazy(i) for i in range(3)]  #!\nz = 1", id="a list of them"),
    pytest.param("def go():\n    for i in range(3):\n        r = lazy(i)  #!\n    print('saved')",
                 id="a name that nothing reads"),
    pytest.param("for i in range(3):\n    r = lazy(i)  #!",
                 id="a name that each pass gives again"),
    pytest.param("delayed(pd.DataFrame({'a': [1]}).to_csv)('a')  #!\nz = 1",
                 id="a method of data"),
]  # fmt: skip


@pytest.mark.parametrize("source", FOUND)
def test_it_is_found_for(source: str) -> None:
    assert found(rule, source) == marked(source)

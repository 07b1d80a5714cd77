from __future__ import annotations

import pytest
from setting import found, marked

from dask_lens.rules.delayed_on_result import rule

FINE = [
    pytest.param("delayed(f)(1)", id="the function"),
    pytest.param("from functools import partial\ndelayed(partial(f, 1))(2)", id="a partial"),
    pytest.param(
        "def make():\n    def g(a): return a\n    return g\ndelayed(make())(1)",
        id="what makes a function",
    ),
    pytest.param("import models\ng = delayed(models.build())(1)", id="what is called afterwards"),
    pytest.param(
        "d = delayed(np.ones(100))\nout = [delayed(f)(d, i) for i in range(3)]",
        id="data wrapped once",
    ),
    pytest.param("d = delayed(pd.read_csv('a'))", id="a frame wrapped once"),
    pytest.param("import json\nd = delayed(json.load(open('a')))", id="settings wrapped once"),
    pytest.param(
        "with open('a') as file:\n    d = delayed(f(file))",
        id="a file that is closed before tasks run",
    ),
    pytest.param(
        "def build(xs): return [lazy(x) for x in xs]\nd = delayed(build('ab'))",
        id="a function that makes a list of delayed",
    ),
    pytest.param(
        "def total(xs):\n    t = 0\n    for x in xs: t = t + x\n    return t\n"
        "d = delayed(total([lazy(1), lazy(2)]))",
        id="a sum of delayed",
    ),
    pytest.param(
        "from mine import make\nm = delayed(make(1))\nm.fit(2).compute()",
        id="an object, of which methods are called",
    ),
    pytest.param(
        "class Model:\n    @classmethod\n    def new(cls): return cls()\nm = delayed(Model.new())",
        id="an object that its class makes",
    ),
    pytest.param("class Model: pass\nd = delayed(Model())", id="an object"),
    pytest.param(
        "import sklearn.linear_model as lm\nd = [delayed(lm.Ridge(a)) for a in (1, 2)]",
        id="objects of a library",
    ),
    pytest.param("d = delayed([lazy(1), lazy(2)])", id="a list of delayed"),
    pytest.param("d = delayed(list(range(3)))", id="a list"),
    pytest.param("d = delayed(lazy(1))", id="something delayed already"),
    pytest.param("d = delayed(ddf.sum())", id="a collection"),
    pytest.param("d = [delayed(p.copy()) for p in parts]", id="copies"),
    pytest.param(
        "from joblib import Parallel, delayed\nParallel()(delayed(f(i)) for i in 'ab')",
        id="joblib",
    ),
    pytest.param("@delayed\ndef g(a): return a\ng(f(1))", id="an argument that is worked out"),
    pytest.param("d = delayed(big(), traverse=False)", id="data that is not looked into"),
]


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_for(source: str) -> None:
    assert found(rule, source) == []


FOUND = [
    pytest.param("out = [delayed(f(i)) for i in range(3)]  #!", id="in a list"),
    pytest.param("o = []\nfor i in range(3):\n    o.append(delayed(f(i)))  #!", id="in a loop"),
    pytest.param("d = delayed(f(1))  #!", id="once"),
    pytest.param("d = delayed(f(1))  #!\nd.mean().compute()", id="once, and a method of it"),
    pytest.param(
        "class Model:\n    @classmethod\n    def load(cls, path): return cls()\n"
        "ms = [delayed(Model.load(p)) for p in 'ab']  #!",
        id="a class that loads files",
    ),
    pytest.param("with Client() as c:\n    d = delayed(f(1))  #!", id="in a block"),
    pytest.param(
        "import json\nd = [delayed(json.load(open(p))) for p in 'ab']  #!", id="files in a list"
    ),
    pytest.param("d = dask.delayed(f(1, more=2))  #!", id="by the full name"),
    pytest.param("from dask import delayed as later\nd = later(f(1))  #!", id="another name"),
    pytest.param("from mine import go\nd = delayed(go(1))  #!", id="an imported function"),
    pytest.param("import mine\nd = delayed(mine.process(1))  #!", id="a module's function"),
    pytest.param("out = [delayed(pd.read_csv(p)) for p in 'ab']  #!", id="readers in a list"),
    pytest.param("out = [delayed(model.predict(p)) for p in 'ab']  #!", id="methods in a list"),
]


@pytest.mark.parametrize("source", FOUND)
def test_it_is_found(source: str) -> None:
    assert found(rule, source) == marked(source)

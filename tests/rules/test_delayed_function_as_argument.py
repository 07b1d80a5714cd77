from __future__ import annotations

import pytest
from reading import assert_found, findings

from dask_lens.record.call import ObservedCall
from dask_lens.record.cell import Cell, Place
from dask_lens.record.run import Run
from dask_lens.record.variable import Variable
from dask_lens.rule import Finding
from dask_lens.rules.delayed_function_as_argument import rule

SETUP = """\
import dask
from dask import delayed
@delayed
def add(x, y): return x + y
def plain(x, y): return x + y
def math(x, y, op): return op(op(x, y), y)
"""

FINE = [
    pytest.param("math(1, 2, add).compute()", id="the outer function is not lazy"),
    pytest.param("delayed(math)(1, 2, plain)", id="a plain function"),
    pytest.param("def each(f, xs): return list(map(f, xs))\ndelayed(each)(add, [1])",
                 id="the argument is passed on"),
    pytest.param("delayed(math)(add(1, 2), 2, plain)", id="a lazy call, not a function"),
    pytest.param("from mine import math2\ndelayed(math2)(1, 2, add)",
                 id="a function that is not known"),
    pytest.param("from joblib import delayed as d2\nd2(math)(1, 2, add)", id="joblib's delayed"),
    pytest.param("def each(fs, x): return [f(x, 1) for f in fs]\ndelayed(each)([plain], 1)",
                 id="a list of plain functions"),
    pytest.param("def count(fs): return len(fs)\ndelayed(count)([add, add])",
                 id="a list that is only counted"),
    pytest.param("def total(xs): return sum(x for x in xs)\ndelayed(total)([add(1, 2)])",
                 id="a list of lazy calls"),
]  # fmt: skip


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_where(source: str) -> None:
    assert findings(rule, SETUP, source) == []


FOUND = [
    pytest.param("delayed(math)(1, 2, add)  # found here", id="by position"),
    pytest.param("delayed(math)(1, 2, op=add)  # found here", id="by keyword"),
    pytest.param("def each(fs, x): return [f(x, 1) for f in fs]\n"
                 "delayed(each)([add, plain], 1)  # found here", id="in a list"),
    pytest.param("def pick(fs, x): return fs['a'](x, 1)\n"
                 "delayed(pick)({'a': add}, 1)  # found here", id="in a dict"),
    pytest.param("@dask.delayed\ndef outer(f): return f(1, 2)\nouter(add)  # found here",
                 id="a decorated function"),
    pytest.param("outs = [delayed(math)(i, 2, delayed(plain)) for i in range(3)]  # found here",
                 id="made lazy in the argument"),
    pytest.param("import dask as d\nlazy = d.delayed(math)\nlazy(1, 2, add)  # found here",
                 id="an alias, and a name for the outer"),
]  # fmt: skip


@pytest.mark.parametrize("source", FOUND)
def test_it_is_found(source: str) -> None:
    assert assert_found(rule, SETUP, source).certainty == "likely"


def test_a_lazy_function_of_a_module_is_known_in_a_kernel() -> None:
    names = (Variable("add", "dask.delayed.DelayedLeaf", {"callable": True}),)
    source = "from dask import delayed\ndef twice(x, op):\n    return op(x, x)\n"
    source += "y = delayed(twice)(1, add)"
    facts = {"delayed": [{"argument": "1", "name": "add", "type": "dask.delayed.DelayedLeaf"}]}
    call = ObservedCall("dask.delayed", Place(0, 4), 1.0, 1.0, facts=facts)
    cells = (Cell(source, "id", 1, None, names),)
    for calls, certainty in (((), "likely"), ((call,), "seen")):
        run = Run(cells, 0, 0.0, 2.0, calls=calls)
        [found] = [f for f in rule.run(run, {}) if isinstance(f, Finding)]
        assert found.place is not None
        assert (found.place.line, found.certainty) == (4, certainty)

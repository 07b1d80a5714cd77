from __future__ import annotations

import ast

import pytest

from dask_lens.record.cell import Cell
from dask_lens.source import sizes
from dask_lens.source.program import read

SETUP = """\
import numpy as np
import pandas as pd
n = 10**4
m = n * 2 - 1
a = np.zeros((n, 3), dtype="float32")
seen = 1
if m:
    seen = 2
last = 1
last = 3
def f(k): return k
"""


def _of(function: str, text: str) -> object:
    program = read((Cell(SETUP), Cell(text)))
    [statement] = program.cells[1].tree.body
    assert isinstance(statement, ast.Expr)
    if function == "itemsize":
        return sizes.itemsize(program, statement.value)
    return getattr(sizes, function)(program, statement.value)


SAID = [
    pytest.param("number", "m", 19_999, id="a number by way of names"),
    pytest.param("number", "-int(1e3)", -1000, id="a number below zero"),
    pytest.param("number", "int(1e6 / 3)", 333_333, id="a part of a number"),
    pytest.param("number", "seen", None, id="a name that may be bound twice"),
    pytest.param("number", "last", 3, id="a name that is bound again"),
    pytest.param("number", "n ** n", None, id="a number beyond all use"),
    pytest.param("number", "1 // 0", None, id="no number"),
    pytest.param("number", "True", None, id="a truth value"),
    pytest.param("shape", "(n, 2)", (10_000, 2), id="a shape"),
    pytest.param("shape", "n", (10_000,), id="a shape of one dimension"),
    pytest.param("shape", "(n, k)", None, id="a shape that is known in part"),
    pytest.param("length", "[0] * n", 10_000, id="a list of zeros"),
    pytest.param("length", "list(range(5, n))", 9_995, id="a list of a range"),
    pytest.param("length", "[f(i) for i in range(n)]", None, id="a list of calls"),
    pytest.param("nbytes", "a", 120_000, id="an array of four bytes an element"),
    pytest.param("nbytes", "np.random.rand(n, n)", 8 * 10**8, id="an array"),
    pytest.param("nbytes", "np.random.default_rng(1).normal(size=n)", 80_000, id="drawn"),
    pytest.param("nbytes", "pd.DataFrame({'x': a, 'y': k})", 120_000, id="a table, at least"),
    pytest.param("nbytes", "np.round(a)", 120_000, id="the same, rounded"),
    pytest.param("nbytes", "range(n)", None, id="a range is no array"),
    pytest.param("elements", "pd.DataFrame({'x': [1, 2], 'y': [3, 4]})", 4, id="a small table"),
    pytest.param("elements", "pd.DataFrame({'x': [1, 2], 'y': k})", None, id="a table"),
    pytest.param("elements", "k[:100]", 100, id="the first ones"),
    pytest.param("elements", "k.head()", 0, id="the first rows"),
    pytest.param("elements", "a.reshape(-1).astype('f8')", 30_000, id="the same in another form"),
    pytest.param("elements", "np.arange(0, n, 2)", 5_000, id="every other number"),
    pytest.param("itemsize", "np.float32", 4, id="a type of NumPy's"),
    pytest.param("itemsize", "'<i2'", 2, id="a type by letter"),
    pytest.param("itemsize", "'datetime64[ns]'", 8, id="times"),
    pytest.param("itemsize", "bool", 1, id="truth values"),
    pytest.param("itemsize", "k", 8, id="a type that is not known"),
]  # fmt: skip


@pytest.mark.parametrize(("function", "text", "said"), SAID)
def test_what_the_text_says_is(function: str, text: str, said: object) -> None:
    assert _of(function, text) == said

from __future__ import annotations

import sys

import pytest

import dask_lens

HEAD = """\
import dask
import dask.array as da
import dask.dataframe as dd
import numpy as np
from dask import delayed
df = dd.read_csv("a*.csv")
"""
FLAT = """\
x{n} = df[df.a > {n}].b.mean()
print(x{n}.compute(), {n})
y{n} = np.arange({n})
for q in range(3):
    y{n} = y{n} + q
"""
FUNCTIONS = """\
def task{n}(x, y={n}):
    for k in range(3):
        x = x * k
    return x + y

def run{n}(client, path):
    df = dd.read_csv(path)
    total = df.groupby("a").c.mean().compute()
    out = dask.compute(*[delayed(task{n})(j) for j in range(10)])
    job = Job(client.submit(task{n}, {n}))
    client.submit(task{n}, job)
    arr = da.from_array(np.ones((100, {n} + 1)), chunks=10)
    return total, out, arr.sum().compute()
"""


def _steps(source: str) -> int:
    """Return how many calls of functions it takes to check a module."""
    calls = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        del frame, argument
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        dask_lens.check(source)
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("part", [FLAT, FUNCTIONS], ids=["statements", "functions"])
def test_a_module_twice_as_long_is_checked_in_about_twice_as_many_steps(part: str) -> None:
    dask_lens.check(HEAD + part.format(n=0))  # the catalogue is read
    short, long = (
        _steps(HEAD + "".join(part.format(n=n) for n in range(most))) for most in (30, 60)
    )
    assert long < 2.8 * short

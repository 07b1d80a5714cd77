"""Whether results are the same."""

from __future__ import annotations

import dask
import dask.array
import numpy as np
import pandas as pd
import pytest

from dask_lens.compare import equality
from dask_lens.compare.equality import IncomparableError, equal, same, values

NAN = float("nan")
FRAME = pd.DataFrame({"a": [1.0, NAN], "b": ["x", None]})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1),
        (0.1 + 0.2, 0.3),
        (NAN, NAN),
        (complex(1, NAN), complex(1, NAN)),
        ([1, (2.0, {"k": NAN})], [1, (2.0, {"k": NAN})]),
        (np.arange(3.0), np.arange(3.0) * (1 + 1e-12)),
        (np.array([NAN, 1]), np.array([NAN, 1])),
        (np.float32(0.1) * np.ones(2, "f4"), np.ones(2, "f4") * np.float32(0.1000001)),
        (np.array(["a", NAN], object), np.array(["a", NAN], object)),
        (FRAME, FRAME.copy()),
        (FRAME["a"], FRAME["a"] * (1 + 1e-12)),
        (FRAME.index, FRAME.index.copy()),
        ({1, 2}, {2, 1}),
        (None, None),
    ],
)
def test_equal(one, other):
    assert equal(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 2),
        (1, "1"),
        (True, 2),
        (1.0, 1.0001),
        (NAN, 1.0),
        ([1], [1, 2]),
        ([1], (1,)),
        ({"a": 1}, {"b": 1}),
        (np.arange(3), np.arange(4)),
        (np.array([1.0, 2.0]), np.array([1.0, 2.1])),
        (np.array([1]), np.array([1.0])),
        (FRAME, FRAME.assign(a=[1.0, 2.0])),
        (FRAME, FRAME["a"]),
        (None, 0),
    ],
)
def test_different(one, other):
    assert not equal(one, other)


def test_a_large_array_is_compared_block_by_block(monkeypatch):
    monkeypatch.setattr(equality, "BLOCK", 10)
    one = np.zeros((7, 5))
    other = one.copy()
    assert equal(one, other)
    other[6, 4] = 1
    assert not equal(one, other)


def test_what_is_lazy_is_not_computed():
    one, other = dask.delayed(1 / 1), dask.delayed(2 / 1)
    with pytest.raises(IncomparableError, match="lazy"):
        equal(one, other)


class Vague:
    __slots__ = ()


class Bad:
    def __eq__(self, other):
        raise ZeroDivisionError

    __hash__ = None


@pytest.mark.parametrize("kind", [Vague, Bad])
def test_what_does_not_tell_is_neither_equal_nor_different(kind):
    with pytest.raises(IncomparableError):
        equal(kind(), kind())


def test_what_is_lazy_and_what_is_defined_is_no_result():
    lazy = dask.delayed(abs)(-1)
    array = dask.array.ones(3)
    names = {"f": abs_of, "lazy": lazy, "many": [lazy, lazy], "a": array, "none": [], "x": 1}
    assert values(names) == {"none": [], "x": 1}


def abs_of(x):
    return abs(x)


def test_nothing_to_compare_is_neither_equal_nor_different():
    assert same({}, {}) is None
    assert same({"x": 1}, {"x": 1.0}) is True
    assert same({"x": 1}, {}) is False


def test_a_result_that_nobody_can_compare_is_named_unless_another_differs():
    one, other = {"x": 1, "lock": object()}, {"x": 1, "lock": object()}
    with pytest.raises(IncomparableError, match="lock: object does not say"):
        same(one, other)
    assert same({**one, "x": 2}, other) is False

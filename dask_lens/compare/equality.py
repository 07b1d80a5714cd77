"""Whether two results are the same, as far as numbers computed in another order can be.

Standard library only; NumPy and pandas are used where the results themselves brought them.
"""

from __future__ import annotations

import math
import sys
import types
from collections.abc import Mapping
from typing import Any

#: Relative difference of two Python floats that counts as none: the square root of their
#: precision. NumPy's floats are measured by the square root of their own.
TOLERANCE = 1.5e-8

#: Values compared at once of a large array.
BLOCK = 1 << 22

#: Containers in containers that are followed.
_DEPTH = 20


class IncomparableError(Exception):
    """Two results of which nobody can tell whether they are the same."""


def values(names: Mapping[str, Any]) -> dict[str, Any]:
    """Return the results among what a run bound.

    Functions, classes and modules are none, and neither is what is lazy still: nothing of it
    was computed.
    """
    return {name: value for name, value in names.items() if _is_value(value, _DEPTH)}


def same(results: Mapping[str, Any], reference: Mapping[str, Any]) -> bool | None:
    """Whether two runs left equal values; one that differs settles it, whatever is unclear.

    Parameters
    ----------
    results, reference
        As :func:`values` returns them.

    Returns
    -------
    bool or None
        None where there is nothing to compare.

    Raises
    ------
    IncomparableError
        When those that can be compared are equal, and others cannot; the message names one.
    """
    if results.keys() != reference.keys():
        return False
    answers = {name: _answer(value, reference[name]) for name, value in results.items()}
    doubts = [f"{n}: {a}" if n else str(a) for n, a in answers.items() if not isinstance(a, bool)]
    if False in answers.values():
        return False
    if doubts:
        raise IncomparableError(doubts[0])
    return True if results else None


def _answer(one: Any, other: Any) -> bool | IncomparableError:
    try:
        return equal(one, other)
    except IncomparableError as doubt:
        return doubt


def equal(one: Any, other: Any) -> bool:
    """Whether two results are equal: NaN equals NaN, floats within :data:`TOLERANCE`.

    Parameters
    ----------
    one, other
        Results of two runs.

    Raises
    ------
    IncomparableError
        When their type does not tell, or comparing them fails.
    """
    try:
        return _equal(one, other, _DEPTH)
    except IncomparableError:
        raise
    except Exception as error:
        raise IncomparableError(f"comparing {type(one).__name__} failed: {error!r}") from error


def _is_value(value: Any, depth: int) -> bool:
    if isinstance(value, (type, types.ModuleType, types.FunctionType)):
        return False
    if depth and type(value) in (list, tuple, set, dict):
        items = value.values() if type(value) is dict else value
        return not items or any(_is_value(item, depth - 1) for item in items)
    return not hasattr(type(value), "__dask_graph__")


def _equal(one: Any, other: Any, depth: int) -> bool:
    if one is other:
        return True
    if depth == 0:
        raise IncomparableError("they are nested too deeply")
    numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
    if pandas is not None and isinstance(one, (pandas.DataFrame, pandas.Series, pandas.Index)):
        return type(one) is type(other) and _equal_frames(one, other, pandas)
    if numpy is not None and (isinstance(one, (numpy.ndarray, numpy.generic))):
        return _equal_arrays(numpy.asarray(one), numpy.asarray(other), numpy)
    if isinstance(one, bool) or isinstance(other, bool):
        return bool(one == other)
    if isinstance(one, (int, float, complex)) and isinstance(other, (int, float, complex)):
        return _equal_numbers(one, other)
    if type(one) is not type(other):
        return False
    if isinstance(one, Mapping):
        return one.keys() == other.keys() and all(
            _equal(one[key], other[key], depth - 1) for key in one
        )
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(
            _equal(a, b, depth - 1) for a, b in zip(one, other, strict=True)
        )
    return _equal_objects(one, other, depth)


def _equal_numbers(one: complex, other: complex) -> bool:
    if isinstance(one, complex) or isinstance(other, complex):
        one, other = complex(one), complex(other)
        return _equal_numbers(one.real, other.real) and _equal_numbers(one.imag, other.imag)
    if isinstance(one, int) and isinstance(other, int):
        return one == other
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) and math.isnan(other)
    return math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE * 1e-4)


def _equal_arrays(one: Any, other: Any, numpy: Any) -> bool:
    if one.shape != other.shape or one.dtype.kind != other.dtype.kind:
        return False
    if one.dtype.kind == "O":
        pairs = zip(one.ravel().tolist(), other.ravel().tolist(), strict=True)
        return all(_equal(a, b, _DEPTH) for a, b in pairs)
    one, other = one.reshape(-1), other.reshape(-1)
    exact = one.dtype.kind not in "fc"
    for start in range(0, one.size, BLOCK):
        a, b = one[start : start + BLOCK], other[start : start + BLOCK]
        if exact:
            same = numpy.array_equal(a, b, equal_nan=a.dtype.kind in "mM")
        else:
            near = math.sqrt(max(numpy.finfo(a.dtype).eps, numpy.finfo(b.dtype).eps))
            same = numpy.allclose(a, b, rtol=near, atol=near * 1e-4, equal_nan=True)
        if not same:
            return False
    return True


def _equal_frames(one: Any, other: Any, pandas: Any) -> bool:
    testing = pandas.testing
    check = {
        pandas.DataFrame: testing.assert_frame_equal,
        pandas.Series: testing.assert_series_equal,
    }.get(type(one), testing.assert_index_equal)
    try:
        check(one, other, check_exact=False, rtol=TOLERANCE, atol=TOLERANCE * 1e-4)
    except AssertionError:
        return False
    return True


def _equal_objects(one: Any, other: Any, depth: int) -> bool:
    if isinstance(one, (str, bytes, type(None), set, frozenset, range)):
        return bool(one == other)
    if hasattr(type(one), "__dask_graph__"):
        raise IncomparableError(f"{type(one).__name__} is lazy: its values were not computed")
    if getattr(type(one), "__eq__", None) is not object.__eq__:
        return bool(one == other)
    if hasattr(one, "__dict__") and not callable(one):
        return _equal(vars(one), vars(other), depth - 1)
    raise IncomparableError(f"{type(one).__name__} does not say what makes two of it equal")

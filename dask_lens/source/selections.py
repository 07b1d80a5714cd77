"""Which part of a collection another is made from, where it was taken by position or label.

Dask reads the chunks that are asked for: a map of the first month and a map of the second have
nothing in common, though both are made from one Dataset.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Iterable, Mapping

from dask_lens.source import api
from dask_lens.source.values import Value
from dask_lens.source.words import words

#: What is asked of each dimension, as text.
Part = frozenset[tuple[str, str]]
#: By object, the parts of it that are used, one for each way to it.
Parts = Mapping[tuple[int, int], frozenset[Part]]

WHOLE: Part = frozenset()

#: What gives pieces of a collection by their numbers or labels.
_PIECES = ("partitions", "blocks", "loc")
_SELECTS = words("isel sel get_partition")
#: Methods that make of each part of their object the same part of another.
_KEEPS = words(
    "astype chunk fillna where rename squeeze assign_coords assign transpose drop_vars drop clip "
    "round reset_coords isnull notnull rechunk set_coords swap_dims dropna query map_partitions "
    "to_dask_array to_frame"
)
#: How the text of a single position begins.
_ONES = ("Constant(", "UnaryOp(", "Tuple(elts=[Constant(", "Tuple(elts=[UnaryOp(")
_MOST_LOOKED_AT = 300


def is_piece(node: ast.Subscript, base: Value) -> bool:
    """Whether a part is taken by its number or label: a partition, rows, an element.

    Parameters
    ----------
    node
        The subscript.
    base
        What it is taken of.
    """
    if isinstance(node.value, ast.Attribute) and node.value.attr in _PIECES:
        return True
    first = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) and node.slice.elts else None
    first = first or node.slice
    if isinstance(first, ast.UnaryOp):
        first = first.operand
    number = isinstance(first, ast.Constant) and type(first.value) is int
    return number and base.is_instance(api.ARRAY, *api.XARRAY)


def parts_used(
    values: Iterable[Value | None], key_of: Callable[[Value], tuple[int, int]]
) -> Parts:
    """Return the parts of each object that others are made from; nothing where none is selected.

    Parameters
    ----------
    values
        The objects.
    key_of
        What tells one from another.
    """
    waiting = [(value, WHOLE) for value in values]
    found: dict[tuple[int, int], set[Part]] = {}
    selects = False
    while waiting:
        value, part = waiting.pop()
        if value is None:
            continue
        if value.kind == "items":
            waiting += [(one, part) for one in (value.item, *(value.parts or ()))]
            continue
        known = found.setdefault(key_of(value), set())
        if part in known:
            continue
        known.add(part)
        if len(found) + len(known) > _MOST_LOOKED_AT:
            return {}
        behind = _behind(value, part)
        selects = selects or bool(behind)
        waiting += [(one, behind) for one in value.parts or ()]
    return {key: frozenset(parts) for key, parts in found.items()} if selects else {}


def is_apart(one: frozenset[Part] | None, other: frozenset[Part] | None) -> bool:
    """Whether no part in ``one`` has much in common with a part in ``other``.

    Parameters
    ----------
    one, other
        The parts of one object that two computations use; None for all of it.
    """
    if not one and not other:
        return False
    pairs = itertools.product(one or (WHOLE,), other or (WHOLE,))
    return all(_differ(dict(mine), dict(theirs)) for mine, theirs in pairs)


def _differ(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    if any(text != other[dim] for dim, text in one.items() if dim in other):
        return True
    # A single position of a dimension is little of the whole of it.
    lone = [(dim, text) for dim, text in one.items() if dim not in other]
    lone += [(dim, text) for dim, text in other.items() if dim not in one]
    return any(text.startswith(_ONES) for _, text in lone)


def _behind(value: Value, part: Part) -> Part:
    """Return the part of what ``value`` is made from that ``part`` of it is made from."""
    if value.call is None:
        return _smaller(part, {("", value.part)} if value.part else WHOLE)
    func = value.call.func
    method = func.attr if isinstance(func, ast.Attribute) else ""
    if method in _SELECTS:
        return _smaller(part, _selected(value.call))
    return part if method in _KEEPS else WHOLE


def _smaller(part: Part, of: Iterable[tuple[str, str]]) -> Part:
    """Return what is selected of a selection: the smaller part."""
    dims = {dim for dim, _ in part}
    return part | {(dim, text) for dim, text in of if dim not in dims}


def _selected(call: ast.Call) -> Part:
    asked = [(k.arg, k.value) for k in call.keywords if k.arg not in (None, "method", "drop")]
    first = call.args[0] if call.args else None
    if isinstance(first, ast.Dict):
        for key, item in zip(first.keys, first.values, strict=True):
            if isinstance(key, ast.Constant):
                asked.append((str(key.value), item))
    elif first is not None:
        asked.append(("", first))
    return frozenset((str(dim), ast.dump(item)) for dim, item in asked)

"""Columns and variables that are assigned to a collection, and what takes them out of it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import replace

from dask_lens.source import api
from dask_lens.source.values import Value

_HOLD = (api.DATAFRAME, api.DATASET)
#: What asks for the columns of a collection by their names: it, and its groups and windows.
_ASKED = (*_HOLD, api.GROUPED, api.WINDOW, api.XARRAY_GROUPED)


def with_column(base: Value | None, key: ast.expr, value: Value | None) -> Value | None:
    """Return a collection with one more column; None where it has none, or no such name."""
    name = key.value if isinstance(key, ast.Constant) else None
    return assigned(base, {name: value}) if isinstance(name, str) else None


def assigned(base: Value | None, known: Mapping[str, Value | None]) -> Value | None:
    """Return a collection to which these columns are assigned; None for all that has none.

    Parameters
    ----------
    base
        The collection. It stays the same object: what was made of it, was made of this one.
    known
        What is known of each column, by its name.
    """
    if base is None or not base.is_instance(*_HOLD):
        return None
    return replace(base, entries={**(base.entries or {}), **known})


def named_in(base: Value, nodes: Iterable[ast.AST]) -> list[Value | None]:
    """Return the columns assigned to a collection whose names are written in these nodes."""
    if not base.entries or not base.is_instance(*_ASKED):
        return []
    inner = (part for node in nodes for part in ast.walk(node))
    names = {part.value for part in inner if isinstance(part, ast.Constant)}
    return [value for name, value in base.entries.items() if name in names]


def kept(base: Value, made: Value) -> Value:
    """Return what was made of a collection, with its assigned columns where it has them still."""
    persisted = made.call is not None and getattr(made.call.func, "attr", "") == "persist"
    if not base.entries or persisted or not made.is_instance(*_ASKED):
        return made
    whole = made.name == base.name or (base.is_instance(*_HOLD) and not made.is_instance(*_HOLD))
    return replace(made, entries={**base.entries, **(made.entries or {})}) if whole else made

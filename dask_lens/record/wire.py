"""Frozen dataclasses to and from JSON, with a version."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

#: Version of every document this package writes. Raised when a reader of the old one would
#: misread the new one.
VERSION = 1

#: Metadata of a field that does not travel: it is kept beside the document.
ASIDE: Mapping[str, bool] = types.MappingProxyType({"aside": True})

T = TypeVar("T")


class WireError(ValueError):
    """A document that cannot be read back; the message names where and the way out."""


def to_dict(value: Any) -> Any:
    """Turn dataclasses, tuples and mappings into plain JSON values.

    Parameters
    ----------
    value
        A dataclass instance, or any nesting of tuples, lists, dicts and scalars.

    Returns
    -------
    dict, list or scalar
        Only ``dict``, ``list``, ``str``, ``int``, ``float``, ``bool`` and None.
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_dict(getattr(value, f.name)) for f in fields(type(value))}
    if isinstance(value, (tuple, list)):
        return [to_dict(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): to_dict(item) for key, item in value.items()}
    return value


def fields(kind: type) -> list[dataclasses.Field[Any]]:
    """Return the fields of a dataclass that travel."""
    return [f for f in dataclasses.fields(kind) if "aside" not in f.metadata]


def from_dict(kind: type[T], data: Any, where: str = "document") -> T:
    """Rebuild a dataclass from what :func:`to_dict` made of it.

    Parameters
    ----------
    kind
        The dataclass to build. Unknown fields in ``data`` are ignored, missing ones take
        their default.
    data
        The JSON value.
    where
        How errors name the place.

    Raises
    ------
    WireError
        When ``data`` does not fit ``kind``.
    """
    return typing.cast("T", _read(kind, data, where))


def _read(kind: Any, data: Any, where: str) -> Any:
    origin = typing.get_origin(kind)
    arguments = typing.get_args(kind)
    if kind is Any:
        return data
    if origin in (typing.Union, types.UnionType):
        if data is None and type(None) in arguments:
            return None
        return _read(next(a for a in arguments if a is not type(None)), data, where)
    if origin is tuple:
        if not isinstance(data, list):
            raise WireError(f"{where}: expected a list, got {type(data).__name__}")
        item = arguments[0]
        return tuple(_read(item, entry, f"{where}[{i}]") for i, entry in enumerate(data))
    if origin in (dict, Mapping):
        if not isinstance(data, dict):
            raise WireError(f"{where}: expected an object, got {type(data).__name__}")
        return {key: _read(arguments[1], entry, f"{where}.{key}") for key, entry in data.items()}
    if dataclasses.is_dataclass(kind):
        return _read_dataclass(kind, data, where)
    return _read_scalar(kind, data, where)


def _read_dataclass(kind: Any, data: Any, where: str) -> Any:
    if not isinstance(data, dict):
        raise WireError(f"{where}: expected an object, got {type(data).__name__}")
    hints = typing.get_type_hints(kind)
    values = {
        f.name: _read(hints[f.name], data[f.name], f"{where}.{f.name}")
        for f in fields(kind)
        if f.name in data
    }
    try:
        return kind(**values)
    except TypeError as error:
        raise WireError(f"{where}: {error}; was it written by another version?") from error


def _read_scalar(kind: Any, data: Any, where: str) -> Any:
    if kind is float and isinstance(data, int) and not isinstance(data, bool):
        return float(data)
    if not isinstance(data, kind) or (kind is int and isinstance(data, bool)):
        raise WireError(f"{where}: expected {kind.__name__}, got {type(data).__name__}")
    return data

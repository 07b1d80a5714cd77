"""What a lazy object is made from, and what two of them have in common."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from dask_lens.source import api
from dask_lens.source.libraries import is_store
from dask_lens.source.selections import Parts, is_apart, parts_used
from dask_lens.source.values import GIVEN, Value
from dask_lens.source.words import words

_MOST_LOOKED_AT = 300

#: Makers whose data takes no time to make, or is in memory already.
_CHEAP = words(
    "arange array asarray empty empty_like eye from_array from_dict from_geopandas from_pandas "
    "from_sequence "
    "full full_like linspace ones ones_like range zeros zeros_like default_rng RandomState "
    "Dataset DataArray"
)
#: Lineages that are remembered: each is asked for once for every other.
_MOST_KEPT = 2048
_lineages: dict[
    tuple[int, ...],
    tuple[tuple[Value | None, ...], list[Value], dict[tuple[int, int], Value], Parts],
] = {}
#: How the names begin of what reads.
_READERS = (
    *("read_", "open_", "load", "from_delayed", "from_map", "imread"),
    *("to_dask", "to_dataset_dict"),  # of intake
)
_HOLD_VARIABLES = (api.DATASET, api.XARRAY_GROUPED)
_ATTACHED = (*api.COLLECTIONS, *api.PARTS, api.DERIVED)


def ancestors(values: Iterable[Value | None]) -> Iterator[Value]:
    """Yield the lazy objects that these are made from, themselves included.

    What is persisted is not looked behind: it is not computed again.

    Parameters
    ----------
    values
        The objects, or lists of them.
    """
    waiting = list(values)
    seen: set[int] = set()
    while waiting and len(seen) < _MOST_LOOKED_AT:
        value = waiting.pop()
        if value is None or id(value) in seen or value.kind == "data":
            continue
        seen.add(id(value))
        if value.kind == "items":
            waiting += [value.item, *(value.parts or ())]
        elif value.is_instance(*_ATTACHED) and not is_persisted(value):
            yield value
            waiting += value.parts or ()


def made_by(value: Value) -> str:
    """Return the last name of what made a value; empty where that is not known."""
    func = value.call.func if value.call is not None else None
    return func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")


def is_persisted(value: Value) -> bool:
    """Whether its data is in memory."""
    return made_by(value) == "persist"


def is_cheap(value: Value) -> bool:
    """Whether making it anew costs next to nothing."""
    if value.is_instance(api.DELAYED_OBJECT):
        return made_by(value) == "delayed"  # data that is wrapped
    if _is_stored(value):
        return False
    return (value.call is None and value.serial != GIVEN) or made_by(value) in _CHEAP


def _lineage(
    values: Iterable[Value | None],
) -> tuple[list[Value], dict[tuple[int, int], Value], Parts]:
    """Return what these are made from, as a list and by what tells it apart, and which parts.

    It is worked out once for each.
    """
    given = tuple(values)
    ids = tuple(map(id, given))
    known = _lineages.get(ids)
    if known is None:
        if len(_lineages) >= _MOST_KEPT:
            _lineages.clear()
        found = list(ancestors([*given, *_columns(given)]))
        # What the ids stand for must live as long as they do.
        known = _lineages[ids] = (
            given,
            found,
            {_key(value): value for value in found},
            parts_used(given, _key),
        )
    return known[1:]


def shared(one: Iterable[Value | None], other: Iterable[Value | None]) -> list[Value]:
    """Return what both are made from and what is not cheap to make, in no order.

    Parameters
    ----------
    one, other
        What is computed by one call and by another.
    """
    mine, known, parts = _lineage(one)
    theirs, known_there, parts_there = _lineage(other)
    found = [
        known[key]
        for key in known_there.keys() & known.keys()
        if not is_cheap(known[key]) and not is_apart(parts.get(key), parts_there.get(key))
    ]
    if any(value.is_instance(api.DATASET) for value in found):
        used, used_there = _variables(mine), _variables(theirs)
        found = [
            value
            for value in found
            if not value.is_instance(api.DATASET)
            or _overlap(used.get(_key(value)), used_there.get(_key(value)))
        ]
    return found


def _columns(values: Iterable[Value | None]) -> Iterator[Value | None]:
    """Yield the columns assigned to what is computed whole."""
    for value in values:
        if value is not None and value.kind == "instance" and not is_persisted(value):
            yield from (value.entries or {}).values()


def _overlap(one: frozenset[str] | None, other: frozenset[str] | None) -> bool:
    return one is None or other is None or bool(one & other)


def _variables(values: Sequence[Value]) -> dict[tuple[int, int], frozenset[str] | None]:
    """Return which variables of each Dataset are used; None stands for all of them."""
    holders = [value for value in values if value.is_instance(*_HOLD_VARIABLES)]
    inner = {_key(part) for value in values for part in value.parts or () if part is not None}
    used: dict[tuple[int, int], frozenset[str] | None] = {
        _key(value): frozenset() if _key(value) in inner else None for value in holders
    }
    for value in [*values, *values]:  # once more for what is reached in several ways
        names = frozenset({value.variable}) if value.variable else used.get(_key(value))
        for part in value.parts or ():
            known = used.get(_key(part)) if part is not None else None
            if part is not None and known is not None:
                used[_key(part)] = known | names if names is not None else None
    return used


def _key(value: Value) -> tuple[int, int]:
    return (id(value.call), value.serial) if value.call is not None else (id(value), 0)


def is_read(value: Value) -> bool:
    """Whether it is read from files, or loaded by tasks of the user's."""
    name = made_by(value)
    return name.startswith(_READERS) or _is_stored(value)


def _is_stored(value: Value) -> bool:
    """Whether an array is made of what is in a file that is open."""
    return made_by(value) == "from_array" and is_store(next(iter(value.parts or ()), None))

"""Runs in the kernel: looks at objects of the user without running anything of the user's.

No ``repr``, no ``len`` and no attribute of an object whose type is not known exactly: types are
told by ``type(x)``, attributes are read from where instances keep them, and containers are
walked only where they are exactly ``list``, ``tuple``, ``dict`` and the like.
"""

from __future__ import annotations

import sys
import types
import weakref
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

#: Items of one container, and objects inside objects, that are looked at.
MOST_ITEMS = 1_000
MOST_DEPTH = 3

_module_of = type.__dict__["__module__"].__get__
_name_of = type.__dict__["__qualname__"].__get__
_bases_of = type.__dict__["__mro__"].__get__
_dict_of = type.__dict__["__dict__"].__get__

PLAIN = frozenset({int, float, complex, bool, str, bytes, type(None)})
_SMALL = frozenset({int, float, complex, bool, type(None)})
_SEQUENCES = frozenset({list, tuple, set, frozenset})
_BYTES = frozenset({bytes, bytearray, str})
_PANDAS = frozenset({"DataFrame", "Series", "Index", "RangeIndex", "MultiIndex"})
_GENERATORS = (
    ("random", ("Random",)),
    ("numpy.random", ("Generator", "RandomState")),
)


def qualified(kind: type) -> str:
    """Return the qualified name of a type."""
    module, name = _module_of(kind), _name_of(kind)
    return str(name) if module == "builtins" else f"{module}.{name}"


def is_exactly(value: object, module: str, *names: str) -> bool:
    """Whether the type of ``value`` is one of these of a module that has been imported."""
    kind = type(value)
    loaded = sys.modules.get(module)
    return loaded is not None and any(getattr(loaded, name, None) is kind for name in names)


def held_data(value: object) -> list[Any]:
    """Return the data that the variables of a Dataset or DataArray of xarray hold."""
    if not is_exactly(value, "xarray", "Dataset", "DataArray"):
        return []
    kept = attributes(value)
    variables = [kept.get("_variable"), *items_of(kept.get("_variables"))]
    return [attributes(one).get("_data") for one in variables if one is not None]


def is_future(value: object) -> bool:
    """Whether it is a Future of distributed."""
    return is_exactly(value, "distributed.client", "Future")


def is_delayed_function(value: object) -> bool:
    """Whether it is a function that ``delayed`` made lazy."""
    if not is_exactly(value, "dask.delayed", "DelayedLeaf"):
        return False
    inner = value._obj  # type: ignore[attr-defined]  # noqa: SLF001 - Dask's own type
    return callable(inner) and type(inner) not in PLAIN


def is_generator(value: object) -> bool:
    """Whether it is a random number generator that carries its state with it."""
    return any(is_exactly(value, module, *names) for module, names in _GENERATORS)


def is_collection(value: object) -> bool:
    """Whether its type is one of Dask's own collections."""
    kind = type(value)
    if str(_module_of(kind)).partition(".")[0] != "dask":
        return False
    return any("__dask_graph__" in _dict_of(base) for base in _bases_of(kind))


def attributes(value: object) -> dict[str, Any]:
    """Return what an instance keeps, in its ``__dict__`` and its slots."""
    found: dict[str, Any] = {}
    for base in _bases_of(type(value)):
        for name, descriptor in _dict_of(base).items():
            if name == "__dict__" and type(descriptor) is types.GetSetDescriptorType:
                kept = descriptor.__get__(value)
                if type(kept) is dict:
                    found.update(islice(kept.items(), MOST_ITEMS))
            elif type(descriptor) is types.MemberDescriptorType:
                try:
                    found.setdefault(name, descriptor.__get__(value))
                except AttributeError:
                    continue  # never set
    return found


def is_own_object(value: object) -> bool:
    """Whether it is an instance of a class of the user's, not of the well-known libraries."""
    module = str(_module_of(type(value)))
    known = ("builtins", "numpy", "pandas", "dask", "distributed", "types", "functools", "random")
    plain = type(value) is types.SimpleNamespace
    return plain or (module.partition(".")[0] not in known and not is_import(value))


def is_import(value: object) -> bool:
    """Whether it is a module or a class: what is pickled by its name."""
    # Not isinstance: it asks the object for its __class__.
    return issubclass(type(value), (type, types.ModuleType))


def items_of(value: object) -> Iterator[Any]:
    """Yield the first items of an exact builtin container; of mappings, the values."""
    kind = type(value)
    if kind in _SEQUENCES:
        yield from islice(value, MOST_ITEMS)  # type: ignore[call-overload]  # it is iterable
    elif kind is dict:
        yield from islice(value.values(), MOST_ITEMS)  # type: ignore[attr-defined]  # a dict


class Sizes:
    """Bytes of objects of exactly known types; tables are measured once."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Any, int]] = {}

    def direct(self, value: object) -> int:
        """Return the bytes of text, an array or a table; 0 for everything else."""
        kind = type(value)
        return 0 if kind in _SMALL or kind in _SEQUENCES or kind is dict else self.of(value, 9)

    def of(self, value: object, depth: int = 0) -> int:
        """Return the bytes of ``value``, at least; 0 where its type is not known.

        Parameters
        ----------
        value
            Anything.
        depth
            Containers that it is in.
        """
        kind = type(value)
        if kind in _SMALL:
            return 0
        if kind in _BYTES:
            return len(value)  # type: ignore[arg-type]  # exactly text or bytes
        if is_exactly(value, "numpy", "ndarray"):
            return int(value.nbytes)  # type: ignore[attr-defined]  # exactly an array
        if is_exactly(value, "pandas", *_PANDAS):
            return self._of_table(value)
        if depth < MOST_DEPTH and (kind in _SEQUENCES or kind is dict):
            shallow = sys.getsizeof(value)
            return shallow + sum(self.of(item, depth + 1) for item in items_of(value))
        if depth < MOST_DEPTH and is_own_object(value):
            return sum(self.of(item, depth + 1) for item in attributes(value).values())
        return 0

    def _of_table(self, value: Any) -> int:
        known = self._known.get(id(value))
        if known is not None and known[0]() is value:
            return known[1]
        from dask_lens.observe.weights import table  # noqa: PLC0415 - which looks, too

        nbytes = table(value)
        if len(self._known) >= MOST_ITEMS:
            self._known.clear()
        self._known[id(value)] = (weakref.ref(value), nbytes)
        return nbytes


def name_of(value: object, names: Mapping[str, object]) -> str | None:
    """Return the variable that holds ``value`` itself."""
    for name, other in list(names.items()):
        if other is value and not name.startswith("_"):
            return name
    return None

"""Runs in the kernel: notes which of the user's names hold something of Dask's, and its size.

Types are told exactly, and attributes read only of Dask's own objects: see
:mod:`dask_lens.observe.looking`.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Mapping
from itertools import islice
from typing import Any

from dask_lens.observe import looking
from dask_lens.observe.computing import collection_facts
from dask_lens.record.variable import Variable

#: Names looked at, names kept, and collections that are measured.
MOST_NAMES = 2_000
MOST_KEPT = 200
MOST_MEASURED = 20

_FAMILY = frozenset({"dask", "distributed", "xarray", "dask_expr"})
_DATA = frozenset({"numpy", "pandas"})
_SKIPPED = looking.PLAIN | {list, dict, tuple, set, frozenset, types.MethodType}
_names_of_module: Any = vars(types.ModuleType)["__dict__"]


def snapshot(namespace: Mapping[str, object]) -> tuple[Variable, ...]:
    """Return the names that concern Dask.

    Parameters
    ----------
    namespace
        The user's variables.
    """
    if "dask" not in sys.modules:
        return ()
    found: list[Variable] = []
    for name, value in islice(list(namespace.items()), MOST_NAMES):
        if type(value) in _SKIPPED or name.startswith("_"):
            continue
        variable = _variable(name, value, measure=len(found) < MOST_MEASURED)
        if variable is not None:
            found.append(variable)
            if len(found) >= MOST_KEPT:
                break
    return tuple(found)


def _variable(name: str, value: Any, *, measure: bool) -> Variable | None:
    kind = type(value)
    if kind is types.ModuleType:
        return _imported(name, "module", _names_of_module.__get__(value).get("__name__"))
    if kind is types.FunctionType:
        return _imported(name, "function", f"{value.__module__}.{value.__qualname__}")
    if kind is type:
        return _imported(name, "class", looking.qualified(value))
    if value is getattr(sys.modules["dask"], "delayed", None):
        return Variable(name, "function", {"name": "dask.delayed"})
    qualified = looking.qualified(kind)
    root = qualified.partition(".")[0]
    if root in _FAMILY:
        return Variable(name, qualified, _facts(value, measure=measure))
    if root in _DATA and qualified.rpartition(".")[2] in ("ndarray", "DataFrame", "Series"):
        exactly = looking.is_exactly(value, "numpy", "ndarray")
        return Variable(name, qualified, {"nbytes": int(value.nbytes)} if exactly else {})
    return None


def _imported(name: str, kind: str, full: object) -> Variable | None:
    if type(full) is not str or full.partition(".")[0] not in _FAMILY:
        return None
    return Variable(name, kind, {"name": full})


def _facts(value: Any, *, measure: bool) -> dict[str, Any]:
    if looking.is_delayed_function(value):
        return {"callable": True}
    if looking.is_exactly(value, "xarray", "Dataset", "DataArray"):
        return {"lazy": any(map(looking.is_collection, looking.held_data(value)))}
    if measure and looking.is_exactly(value, "dask.array.core", "Array"):
        return {k: v for k, v in collection_facts(value).items() if k != "type"}
    return {}

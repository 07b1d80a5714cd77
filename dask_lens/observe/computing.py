"""Runs in the kernel: what is known of collections, and of who will compute them, beforehand."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Mapping
from itertools import chain, islice
from typing import Any

import dask.config

from dask_lens.observe.looking import held_data, is_exactly, qualified

#: Bytes of collections from which on it is noted how much memory is left.
LARGE = 100_000_000

_NAMES = {
    "threads": "threads",
    "threading": "threads",
    "processes": "processes",
    "multiprocessing": "processes",
    "sync": "sync",
    "synchronous": "sync",
    "single-threaded": "sync",
    "distributed": "distributed",
    "dask.distributed": "distributed",
}
_DEFAULTS = {"dask.threaded": "threads", "dask.multiprocessing": "processes"}
#: Where tables are from: now, and before they were Dask's own.
_TABLES = ("dask.dataframe", "dask_expr.")
#: Expressions of tables whose partitions are known without reading or computing anything.
_KNOWN = frozenset({"FromPandas", "FromPandasDivisions", "FromDelayed", "FromMap", "FromGraph"})
#: Expressions below expressions, and layers of an array, that are looked at.
_MOST_DEEP, _MOST_LAYERS = 50, 1000
#: Collections whose layers are fused, and how many of these are named.
_FUSED = (("dask.array.core", "Array"), ("dask.bag.core", "Bag"), ("dask.bag.core", "Item"))
_MOST_NAMED = 64


class Choice:
    """Which scheduler ``dask.compute`` is about to choose, and why.

    Parameters
    ----------
    values
        The variables of ``dask.compute``.
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values
        self.given = _told(values.get("scheduler"))
        self.configured = _told(dask.config.get("scheduler", None))
        self.client = has_client()
        options = values.get("kwargs") or {}
        self._chunksize = options.get("chunksize")
        self._pool = "pool" in options or dask.config.get("pool", None) is not None

    def facts(self) -> dict[str, Any]:
        """Return what is known, without what is not."""
        found = {
            "given": self.given,
            "configured": self.configured,
            "scheduler": self._scheduler(),
            "client": self.client,
            "chunksize": _told(dask.config.get("chunksize", None)),
            "own_chunksize": _told(self._chunksize),
            "pool": self._pool,
        }
        return {name: value for name, value in found.items() if value is not None}

    def _scheduler(self) -> str | None:
        named = self.given if self.given is not None else self.configured
        if named is not None:
            return _NAMES.get(str(named).lower(), "custom")
        if self.client:
            return "distributed"
        collections = self._values.get("collections")
        kind = type(collections[0]) if collections else self._values.get("cls")
        if not isinstance(kind, type) or not kind.__module__.startswith(("dask.", "dask_expr.")):
            return None
        default = getattr(kind, "__dask_scheduler__", None)
        return _DEFAULTS.get(getattr(default, "__module__", ""))


def _told(value: object) -> Any:
    return value if value is None or type(value) in (str, int) else qualified(type(value))


def has_client() -> bool:
    """Whether Dask would find a client by default."""
    module = sys.modules.get("distributed.client")
    if module is None:
        return False
    known = list(getattr(module, "_global_clients", {}).values())
    current = getattr(module, "_current_client", None)
    if current is not None and current.get() is not None:
        return True
    return any(client.status in ("running", "connecting") for client in known)


def memory_left(entries: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Return the bytes of memory that are left, where what is computed is large.

    Parameters
    ----------
    entries
        What is known of the collections.
    """
    if sum(entry.get("nbytes", 0) for entry in entries) < LARGE:
        return {}
    try:
        import psutil  # noqa: PLC0415 - needed by distributed, and not by Dask
    except ImportError:
        return {}
    return {"memory_left": int(psutil.virtual_memory().available)}


def collection_facts(value: Any) -> dict[str, Any]:
    """Return type and size of a collection, as far as known without computing."""
    found: dict[str, Any] = {"type": qualified(type(value))}
    if is_exactly(value, "dask.array.core", "Array"):
        found |= _array_facts(value)
    elif is_exactly(value, "dask.delayed", "Delayed", "DelayedLeaf", "DelayedAttr"):
        found["npartitions"] = 1
    elif is_exactly(value, "dask.bag.core", "Bag"):
        found["npartitions"] = int(value.npartitions)
    elif hasattr(type(value), "expr") and type(value).__module__.startswith(_TABLES):
        known = _known_partitions(value.expr)
        if known is not None:
            found["npartitions"] = known
    return found


def layers_of(collections: Iterable[Any]) -> dict[str, Any]:
    """Return the chunks of the arrays that arrays are made from, themselves among them.

    Dask notes them in the layers of the graph; they are read off, nothing is computed.

    Parameters
    ----------
    collections
        Of which those that neither are nor hold arrays of Dask's are left out.

    Returns
    -------
    dict
        ``"finest"``: of the array with the most chunks, and ``"coarsest"``: of the one with the
        largest, what :func:`collection_facts` tells of it.
    """
    known = [one for value in collections for one in (value, *held_data(value))]
    arrays = [array for array in known if is_exactly(array, "dask.array.core", "Array")]
    layers = chain.from_iterable(_layers(array) for array in arrays)
    noted = (getattr(one, "collection_annotations", None) for one in islice(layers, _MOST_LAYERS))
    told = [chunk_facts(n["chunks"], n["dtype"]) for n in noted if n and "chunks" in n]
    sized = [facts for facts in told if "largest" in facts]
    if not sized:
        return {}
    return {
        "finest": max(sized, key=lambda facts: (facts["npartitions"], facts["largest"])),
        "coarsest": max(sized, key=lambda facts: (facts["largest"], facts["npartitions"])),
    }


def layer_names(collections: Iterable[Any]) -> list[str]:
    """Return the names of the layers that arrays and bags are made of, before they are fused.

    Fused tasks have keys of their own: these names tell what two graphs have in common.

    Parameters
    ----------
    collections
        Of which only arrays and bags are asked, where they have few layers.
    """
    known = [one for value in collections for one in (value, *held_data(value))]
    fused = [one for one in known if any(is_exactly(one, *kind) for kind in _FUSED)]
    names = {name for one in fused for name in getattr(one.dask, "layers", ())}
    return sorted(map(str, names)) if len(names) <= _MOST_NAMED else []


def _layers(array: Any) -> Iterable[Any]:
    layers = getattr(array.dask, "layers", None)
    return layers.values() if isinstance(layers, Mapping) else ()


def _array_facts(array: Any) -> dict[str, Any]:
    return chunk_facts(array.chunks, array.dtype)


def chunk_facts(chunks: Any, dtype: Any) -> dict[str, Any]:
    """Return number and size of the chunks of an array, as far as they are known.

    Parameters
    ----------
    chunks
        Their sizes along each dimension.
    dtype
        The type of an element.
    """
    found: dict[str, Any] = {"npartitions": math.prod(len(sizes) for sizes in chunks)}
    largest = [max(sizes, default=0) for sizes in chunks]
    shape = [sum(sizes) for sizes in chunks]
    if any(math.isnan(size) for size in shape):
        return found
    item = dtype.itemsize
    return found | {
        "nbytes": int(math.prod(shape) * item),
        "largest": int(math.prod(largest) * item),
        "shape": [int(size) for size in shape],
        "chunks": [int(size) for size in largest],
    }


def _known_partitions(expression: Any) -> int | None:
    """Return the number of partitions of a table made of others partition by partition."""
    for _ in range(_MOST_DEEP):
        if type(expression).__name__ in _KNOWN:
            return int(expression.npartitions)
        below = expression.dependencies()
        one_by_one = any(base.__name__ == "Blockwise" for base in type(expression).__mro__)
        if not one_by_one or len(below) != 1:
            return None
        expression = below[0]
    return None

"""Runs in the kernel: how large results and arguments are, without running anything of the user's.

``dask.sizeof`` would tell, too, but it draws from the random numbers of the user's program. Large
containers are weighed by some of their items, evenly spread.
"""

from __future__ import annotations

import functools
import math
import sys
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from time import perf_counter, thread_time
from typing import Any

from dask_lens.observe import looking
from dask_lens.observe.stamps import SMALL_TYPES
from dask_lens.observe.tasks import prefix_of

#: Items of one container, and cells of one column, that are weighed for all.
MOST_ITEMS = 20
#: Columns of a table that are weighed for all.
MOST_COLUMNS = 100
#: Arguments of a task that are weighed.
MOST_PARTS = 100
#: Objects inside objects that are followed.
MOST_DEPTH = 6

#: Tasks of which it is weighed what they were given.
MOST_TASKS = 100
#: Share of the time that a computation takes, and seconds, that weighing may take of it: results,
#: and again what tasks are given.
SHARE, GRACE = 0.001, 0.000_1
#: So many times as much time there is for the first of each layer.
FIRST = 3
#: Seconds of a computation, from which on it is weighed what its tasks are given.
SHORT = 0.02
#: Steps of that share of a whole meet its parts evenly.
_GOLDEN = 0.618

#: Bytes of what is small, whatever it is.
SMALL = 32

_PANDAS = ("DataFrame", "Series", "Index", "RangeIndex", "MultiIndex", "DatetimeIndex")
_CONTAINERS = (list, tuple, set, frozenset, dict)
_LIBRARIES = frozenset({"numpy", "pandas"})
_PLAIN = frozenset(
    {
        "datetime",
        "decimal",
        "fractions",
        "uuid",
        "pathlib",
        "operator",
        "slice",
        "range",
        "ellipsis",
    }
)
_FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType, types.MethodType, type)
_ITERATORS = frozenset({types.GeneratorType, map, filter, zip, enumerate, reversed})


class Weights:
    """Bytes of the results of a computation whose tasks share memory, by key.

    Parameters
    ----------
    start
        When it began, by ``perf_counter``.
    """

    def __init__(self, start: float) -> None:
        self._start = start
        self._spent = 0.0
        #: Layers of which one was weighed.
        self._layers: set[Any] = set()
        self._known: dict[Any, int] = {}
        #: What was not weighed, or could not be.
        self._unknown: set[Any] = set()
        self.given: dict[Any, int] = {}

    def add(self, key: Any, value: object) -> None:
        """Weigh a result, while there is time for it."""
        try:
            nbytes = self._weighed(key, value)
            if nbytes is None:
                self._unknown.add(key)
            elif nbytes > SMALL:
                self._known[key] = nbytes
        except Exception:  # noqa: BLE001 - ours must not become the user's
            self._unknown.add(key)

    def of(self, key: Any) -> int | None:
        """Return the bytes of a result; None where they are not known."""
        return None if key in self._unknown else self._known.get(key, SMALL)

    def add_given(
        self, graph: Mapping[Any, Any], needs: Mapping[Any, Any], ran: Sequence[Any]
    ) -> None:
        """Weigh what tasks, evenly spread, were given that is no result of other tasks.

        Of short computations nothing is weighed: a loop may run thousands of them.

        Parameters
        ----------
        graph
            All tasks, and data, by key.
        needs
            The keys of what each waits for.
        ran
            The keys of what ran.
        """
        if perf_counter() - self._start < SHORT:
            return
        self._spent = 0.0
        self._layers.clear()
        tasks, count = frozenset(ran), len(ran)
        step = int(count * _GOLDEN) or 1
        while math.gcd(step, count) > 1:
            step += 1
        for number in range(min(count, MOST_TASKS)):  # soon some of every kind
            key = ran[number * step % count]
            parts = [graph[key], *[graph[d] for d in needs[key] if d not in tasks]]
            try:
                nbytes = self._weighed(key, parts, perf_counter)
            except Exception:  # noqa: BLE001 - ours must not become the user's
                nbytes = None
            if nbytes is not None:
                self.given[key] = nbytes

    def _weighed(
        self, key: Any, value: object, clock: Callable[[], float] = thread_time
    ) -> int | None:
        if _is_number(value):
            return SMALL
        layer = key[0] if type(key) is tuple and key else prefix_of(key)
        most = GRACE + SHARE * (perf_counter() - self._start)
        if self._spent > (most if layer in self._layers else FIRST * most):
            return None
        self._layers.add(layer)
        begin = clock()
        nbytes = weigh(value)
        self._spent += clock() - begin
        return nbytes


def weigh(value: object, depth: int = 0) -> int | None:
    """Return the bytes of ``value`` in memory, about; None where its type is not known.

    Parameters
    ----------
    value
        Anything.
    depth
        Objects that it is in.
    """
    kind = type(value)
    if _is_number(value) or issubclass(kind, _FUNCTIONS):
        return SMALL
    if kind in (str, bytes, bytearray):
        return sys.getsizeof(value)
    if depth > MOST_DEPTH or kind in _ITERATORS:
        return None
    array = _array(value, depth)
    if array is not None:
        return array
    if looking.is_exactly(value, "pandas", *_PANDAS):
        return table(value, depth)
    if issubclass(kind, _CONTAINERS):
        return _container(value, depth)
    return _object(value, depth)


def _is_number(value: object) -> bool:
    numpy = sys.modules.get("numpy")
    kind = type(value)
    return kind in SMALL_TYPES or (numpy is not None and issubclass(kind, numpy.generic))


def _array(value: Any, depth: int) -> int | None:
    numpy = sys.modules.get("numpy")
    if numpy is None or not issubclass(type(value), numpy.ndarray):
        return None
    nbytes = SMALL + int(numpy.ndarray.nbytes.__get__(value))
    if type(value) is numpy.ndarray and value.dtype.kind == "O":
        return nbytes + (_cells(value.flat, depth) or 0)
    return nbytes


def table(value: Any, depth: int = 0) -> int:
    """Return the bytes of a table, a column or an index of pandas.

    Parameters
    ----------
    value
        Of exactly one of these types.
    depth
        Objects that it is in.
    """
    if looking.is_exactly(value, "pandas", "DataFrame"):
        width = int(value.shape[1])
        some = range(0, width, -(-width // MOST_COLUMNS) or 1)
        columns = sum([_column(value.iloc[:, i], depth) for i in some])
        return table(value.index, depth) + columns * width // max(len(some), 1)
    if looking.is_exactly(value, "pandas", "MultiIndex"):
        codes: int = sum([int(one.nbytes) for one in value.codes])
        return codes + sum([table(one, depth) for one in value.levels])
    if looking.is_exactly(value, "pandas", "Series"):
        return table(value.index, depth) + _column(value, depth)
    return _column(value, depth)


def _column(column: Any, depth: int) -> int:
    numbers = {"index": False} if looking.is_exactly(column, "pandas", "Series") else {}
    nbytes = SMALL + int(column.memory_usage(deep=False, **numbers))
    dtype = column.dtype
    if dtype.name == "object" or getattr(dtype, "storage", "") == "python":
        nbytes += _cells(column.array, depth) or 0
    return nbytes


def _cells(cells: Any, depth: int) -> int | None:
    count = len(cells)
    return _average(list(cells[:: -(-count // MOST_ITEMS) or 1]), count, depth)


def _container(value: Any, depth: int) -> int | None:
    kind = type(value)
    base: Any = next(base for base in _CONTAINERS if issubclass(kind, base))
    count = base.__len__(value)
    shallow = 56 + (8 if base in (list, tuple) else 32) * count
    if base in (list, tuple):
        value = base.__getitem__(value, slice(None, None, -(-count // MOST_ITEMS) or 1))
    items = list(islice(base.__iter__(value), MOST_ITEMS))
    nbytes = _average(items, count, depth)
    if base is dict and nbytes is not None:
        more = _average(list(islice(dict.values(value), MOST_ITEMS)), count, depth)
        nbytes = None if more is None else nbytes + more
    return None if nbytes is None else shallow + nbytes


def _average(items: list[Any], count: int, depth: int) -> int | None:
    total = 0
    for item in items:
        nbytes = weigh(item, depth + 1)
        if nbytes is None:
            return None
        total += nbytes
    return total * count // len(items) if items else 0


def _object(value: Any, depth: int) -> int | None:
    """Weigh a task of Dask's, a partial, or an object of the user's by what it keeps."""
    kind = type(value)
    if kind is functools.partial:
        return _container([value.func, *value.args, *value.keywords.values()], depth)
    module = looking.qualified(kind).partition(".")[0]
    if module == "dask":
        return _sum(_parts(value), depth)
    if module in _LIBRARIES:
        return max(int(getattr(value, "nbytes", SMALL)), SMALL)
    if module in _PLAIN:
        return SMALL
    if looking.is_own_object(value):
        kept = looking.attributes(value)
        return _sum(iter(kept.values()), depth) if kept else None
    return None


def _parts(node: object) -> Iterator[object]:
    """Yield what a task of Dask's, with tasks inside it, or data in its graph, brings along."""
    kept = looking.attributes(node)
    given = [kept.get("func"), kept.get("value"), *(kept.get("args") or ())]
    given += (kept.get("kwargs") or {}).values()
    for one in given[:MOST_PARTS]:
        inner = list(islice(one.values(), MOST_PARTS)) if type(one) is dict else [one]
        if any(map(_is_node, inner)):
            for value in inner:
                yield from _parts(value) if _is_node(value) else (value,)
        else:
            yield one


def _is_node(value: object) -> bool:
    return looking.qualified(type(value)).startswith("dask._task_spec.")


def _sum(values: Iterator[object], depth: int) -> int | None:
    total = SMALL
    for value in values:
        nbytes = weigh(value, depth + 1)
        if nbytes is None:
            return None
        total += nbytes
    return total

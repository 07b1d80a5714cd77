"""The task graph that source spells out, where it leaves no doubt."""

from __future__ import annotations

import ast
import sys
from collections.abc import Sequence

from dask_lens.record.graph import Graph
from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.computes import has_client
from dask_lens.source.configured import (
    PROCESSES,
    scheduler_named,
    scheduler_of,
    setting_at,
    settings,
    settings_of,
)
from dask_lens.source.definitions import definition
from dask_lens.source.program import Program
from dask_lens.source.values import Function, Value
from dask_lens.source.words import words

_BY_PARTITION = words(
    "filter flatten map map_partitions pluck remove starmap "
    "apply assign astype dropna fillna rename"
)
_PARTED = (api.BAG, api.DATAFRAME, api.SERIES)
_WORK = (ast.Call, ast.For, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_QUICK = words(
    "abs bool bytes complex dict divmod float format getattr hasattr hash id int isinstance "
    "len list print repr round set str tuple type"
)
#: Modules whose functions may be done at once.
_LIBRARIES = sys.stdlib_module_names | words("dask distributed numpy pandas toolz cytoolz tlz")
#: Keywords after which the batches are others, or another pool's.
_TAKES_OVER = ("chunksize", "pool", "get")


class _DoubtError(Exception):
    """The source does not tell what the graph is."""


def spelled_graph(values: Sequence[Value | None]) -> Graph | None:
    """Return the graph of Delayed objects or a bag; None where the source leaves a doubt.

    Parameters
    ----------
    values
        What is computed together.
    """
    tasks: list[tuple[int, ...]] = []
    known: dict[int, int] = {}
    try:
        for value in values:
            if value is not None and value.is_instance(*_PARTED):
                tasks += [()] * _partitions(value)
            else:
                _visit(value, tasks, known)
    except (_DoubtError, RecursionError):
        return None
    return Graph(tuple(str(number) for number in range(len(tasks))), tuple(tasks))


def batched_graph(program: Program, call: Call) -> Graph | None:
    """Return the graph of a call, if it computes on the processes scheduler in batches.

    None where it does not, where the text leaves a doubt about it, and where no two of its
    tasks are known to be more than trivial.

    Parameters
    ----------
    program
        The cells.
    call
        A call that computes.
    """
    if call.has_unpacked_keywords:
        return None
    if any(call.keyword(name) is not None for name in _TAKES_OVER):
        return None
    values = (call.receiver,) if call.receiver is not None else call.arguments
    if not _on_processes(program, call, values) or _changes_batches(program):
        return None
    graph = spelled_graph(values)
    return graph if graph is not None and _works(program, values) else None


def _on_processes(program: Program, call: Call, values: Sequence[Value | None]) -> bool:
    """Whether the call, a setting or the kind of the collections chooses the processes."""
    if call.keyword("scheduler") is not None:
        return scheduler_of(call) in PROCESSES
    if has_client(program):
        return False
    if any(settings(program, "scheduler")):
        chosen = setting_at(program, call, "scheduler") if call.inside is None else None
        return scheduler_named(chosen) in PROCESSES
    return all(value is not None and value.is_instance(api.BAG) for value in values)


def _changes_batches(program: Program) -> bool:
    """Whether the cells may have set other batches, another pool, or what cannot be read."""
    return any(
        not settings_of(call) or any(name in settings_of(call) for name in _TAKES_OVER)
        for call in program.by_name.get("dask.config.set", ())
    )


def _works(program: Program, values: Sequence[Value | None]) -> bool:
    """Whether at least two tasks run functions of the notebook that may take a while."""
    seen: set[int] = set()
    waiting = list(values)
    working = 0
    while waiting:
        value = waiting.pop()
        if value is None or id(value) in seen:
            continue
        seen.add(id(value))
        waiting += value.parts or ()
        if value.is_instance(*_PARTED) and value.call in program.by_node:
            given = [a.function for a in program.by_node[value.call].arguments if a is not None]
            working += 2 * any(_may_take_a_while(function) for function in given)
        else:
            working += _may_take_a_while(value.function) or _is_of_a_project(program, value)
    return working > 1


def _is_of_a_project(program: Program, value: Value) -> bool:
    """Whether a Delayed runs a function of a module that is no library everybody knows."""
    made = value.call.func if value.call is not None else None
    known = definition(program, made) if isinstance(made, ast.Name) else None
    made = known[1] if known is not None else made
    lazy = program.by_node.get(made) if isinstance(made, ast.Call) else None
    function = lazy.arguments[0] if lazy is not None and lazy.arguments else None
    if function is None or function.kind != "name" or lazy is None or lazy.name != "dask.delayed":
        return False
    return function.name.partition(".")[0] not in _LIBRARIES


def _may_take_a_while(function: Function | None) -> bool:
    if function is None:
        return False
    body = function.node.body
    nodes = [body] if isinstance(body, ast.expr) else body
    return any(_is_work(n) for part in nodes for n in ast.walk(part))


def _is_work(node: ast.AST) -> bool:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id not in _QUICK
    return isinstance(node, _WORK)


def _visit(value: Value | None, tasks: list[tuple[int, ...]], known: dict[int, int]) -> list[int]:
    """Add what computing ``value`` runs; return the tasks that give it."""
    if value is None:
        raise _DoubtError
    if value.kind == "items":
        if value.parts is None and (value.item is None or value.item.kind != "data"):
            raise _DoubtError
        return [task for part in value.parts or () for task in _visit(part, tasks, known)]
    if value.kind != "instance":
        return []
    if not value.is_instance(api.DELAYED_OBJECT) or value.parts is None:
        raise _DoubtError
    if id(value) not in known:
        needs = [task for part in value.parts for task in _visit(part, tasks, known)]
        known[id(value)] = len(tasks)
        tasks.append(tuple(dict.fromkeys(needs)))
    return [known[id(value)]]


def _partitions(value: Value) -> int:
    """Return how many partitions a bag or a dataframe has."""
    while value.call is not None or (value.parts and value.parts[0] is not None):
        if value.call is None:
            # A column, or some of the rows.
            value = _first_part(value)
            continue
        called = value.call.func
        method = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        if method == "from_pandas":
            return _frame_partitions(value.call)
        if method == "from_sequence":
            return _sequence_partitions(value)
        if method not in _BY_PARTITION or not value.parts or value.parts[0] is None:
            break
        value = value.parts[0]
    raise _DoubtError


def _first_part(value: Value) -> Value:
    first = value.parts[0] if value.parts else None
    if first is None or not value.is_instance(*_PARTED) or not first.is_instance(*_PARTED):
        raise _DoubtError
    return first


def _frame_partitions(call: ast.Call) -> int:
    given = call.args[1] if len(call.args) > 1 else None
    for keyword in call.keywords:
        given = keyword.value if keyword.arg == "npartitions" else given
        if keyword.arg in ("chunksize", None):
            raise _DoubtError
    number = given.value if isinstance(given, ast.Constant) else None
    if type(number) is not int or number < 1:
        raise _DoubtError
    return number


def _sequence_partitions(value: Value) -> int:
    # What was passed is kept as the parts of a bag that ``from_sequence`` made.
    given = value.parts[0] if value.parts else None
    call = value.call
    if call is None or len(call.args) != 1:
        raise _DoubtError
    length = len(given.parts) if given is not None and given.parts is not None else None
    for keyword in call.keywords:
        number = keyword.value.value if isinstance(keyword.value, ast.Constant) else None
        if keyword.arg != "npartitions" or not isinstance(number, int) or number < 1:
            raise _DoubtError
        if length is None:
            return number  # fewer, where there are fewer items
        size = -(length // -number)
        return -(length // -size)
    if length is None:
        raise _DoubtError
    return length

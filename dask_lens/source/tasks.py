"""Which functions of the notebook run as tasks."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator

from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.program import Program
from dask_lens.source.values import Function, Value
from dask_lens.source.words import words

#: Callables whose first argument they run as tasks.
TAKES_FUNCTION = words(
    "distributed.Client.submit distributed.Client.map distributed.ClientExecutor.submit "
    "distributed.ClientExecutor.map dask.delayed dask.array.map_blocks dask.array.map_overlap "
    "dask.array.blockwise dask.array.apply_gufunc dask.array.apply_along_axis "
    "dask.array.from_function dask.array.reduction dask.dataframe.map_partitions "
    "dask.dataframe.map_overlap dask.dataframe.from_map dask.bag.map dask.bag.map_partitions "
    "xarray.apply_ufunc"
)

#: Methods of collections that run their first argument as tasks.
_METHODS = words(
    "accumulate apply filter fold foldby groupby map map_blocks map_overlap map_partitions "
    "reduction starmap"
)


@functools.lru_cache(maxsize=8)
def task_functions(program: Program) -> dict[Function, tuple[Call, ...]]:
    """Return the functions that run as tasks, with the calls that make them so.

    Parameters
    ----------
    program
        The cells.

    Returns
    -------
    dict
        For a function that is only decorated with ``delayed``, no calls.
    """
    found: dict[Function, list[Call]] = {}
    for name, calls in program.by_name.items():
        if not _may_run(name):
            continue
        for call in calls:
            for function in _run_by(call):
                found.setdefault(function, []).append(call)
    for value in program.scope.names.values():
        if value is not None and value.is_instance(api.DELAYED_FUNCTION) and value.function:
            found.setdefault(value.function, [])
    return {function: tuple(calls) for function, calls in found.items()}


def _may_run(name: str) -> bool:
    owner, _, last = name.rpartition(".")
    return not name or name in TAKES_FUNCTION or (last in _METHODS and owner in api.COLLECTIONS)


def _run_by(call: Call) -> Iterator[Function]:
    result = call.result
    if call.callee is not None:
        # A delayed function that is called; a plain one runs here and now.
        lazy = result is not None and result.is_instance(api.DELAYED_OBJECT)
        if lazy and result is not None and result.call is call.node:
            yield call.callee
        return
    if not call.name or (call.name == "xarray.apply_ufunc" and not _is_parallelized(call)):
        return
    first = call.arguments[0] if call.arguments else call.keywords.get("func")
    if _is_function(first) and first is not None and first.function is not None:
        yield first.function


def _is_parallelized(call: Call) -> bool:
    """Whether ``xr.apply_ufunc`` runs its function on each block, and not here and now."""
    given = call.keyword("dask")
    return isinstance(given, ast.Constant) and given.value == "parallelized"


def _is_function(value: Value | None) -> bool:
    return value is not None and (
        value.kind == "function" or value.is_instance(api.DELAYED_FUNCTION)
    )

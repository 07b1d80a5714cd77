"""What tasks are given, and whether others are given the same object."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dask_lens.rules._task_bodies import TaskBody
from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.values import Value, contained
from dask_lens.source.words import words

_SENDS = ("distributed.Client.submit", "distributed.Client.map")
#: What gives a function rows, groups or values that it made for this call.
_MADE = frozenset(
    f"{owner}.{method}"
    for owner in api.FRAMES
    for method in ("apply", "applymap", "map", "transform")
)
_COPIES = words("copy deepcopy dict list set tuple array")


def shares_inputs(task: TaskBody) -> bool:
    """Whether a task can be given what other tasks are given too.

    What is passed to ``client.submit`` is sent along with each task; only the results of other
    tasks are shared. Rows of a dataframe are made for the call.
    """
    if not task.uses:
        return True
    for use in task.uses:
        if use.name in _MADE:
            continue
        if use.name not in _SENDS:
            return True
        values = (*use.arguments[1:], *use.keywords.values())
        if any(contained(value, api.FUTURE, *api.COLLECTIONS) is not None for value in values):
            return True
    return False


def is_made_for_the_call(task: TaskBody, parameter: str) -> bool:
    """Whether each call gives a parameter something that it made for this call alone."""
    given = [pair for use in task.uses for pair in _given(task, use, parameter)]
    return bool(given) and all(_is_fresh(node, value) for node, value in given)


def _given(task: TaskBody, use: Call, parameter: str) -> Iterator[tuple[ast.expr, Value | None]]:
    if use.callee != task.function:
        return
    arguments = task.function.node.args
    names = [p.arg for p in (*arguments.posonlyargs, *arguments.args)]
    for keyword in use.node.keywords:
        if keyword.arg == parameter:
            yield keyword.value, use.keywords.get(parameter)
    if parameter in names and names.index(parameter) < len(use.node.args):
        position = names.index(parameter)
        yield use.node.args[position], use.arguments[position]


def _is_fresh(node: ast.expr, value: Value | None) -> bool:
    if isinstance(node, (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.Constant)):
        return True
    if isinstance(node, ast.Call):
        function = node.func
        name = (
            function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        )
        return name in _COPIES
    # A list that holds lazy objects is made anew when they have been computed.
    lazy = value is not None and value.kind == "items"
    return lazy and contained(value, *api.COLLECTIONS) is not None

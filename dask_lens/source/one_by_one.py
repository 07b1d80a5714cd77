"""Comprehensions that fetch the results of futures one by one."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from dask_lens.source import api
from dask_lens.source.program import Program
from dask_lens.source.values import Value
from dask_lens.source.waits import Wait
from dask_lens.source.words import words

#: What makes futures that are under way by the time the comprehension begins.
_MAKERS = words("distributed.Client.submit distributed.Client.map")


@dataclass(frozen=True)
class Fetched:
    """One such comprehension.

    Parameters
    ----------
    comprehension
        A list or a dict.
    futures
        What it goes over, without ``.items()``.
    future
        One of the futures.
    """

    comprehension: ast.ListComp | ast.DictComp
    futures: ast.expr
    future: Value


def fetched(program: Program, wait: Wait) -> Fetched | None:
    """Return the comprehension that does nothing but to call a ``result()`` again and again.

    ``[f.result() for f in futures]`` is one, and ``{k: f.result() for k, f in them.items()}``.

    Parameters
    ----------
    program
        The cells.
    wait
        The ``result()``.
    """
    node = wait.node
    around = next(program.cells[wait.cell].parents(node), None)
    if not isinstance(around, (ast.ListComp, ast.DictComp)) or not isinstance(node, ast.Call):
        return None
    future = wait.values[0] if wait.how == "result" and wait.values else None
    if future is None or not future.is_instance(api.FUTURE) or node.args or node.keywords:
        return None
    made = program.by_node.get(future.call) if future.call is not None else None
    if made is None or made.name not in _MAKERS:
        return None
    client = made.receiver.call if made.receiver is not None else None
    maker = program.by_node.get(client) if client is not None else None
    if maker is not None and maker.keyword("asynchronous") is not None:
        return None  # a list of what is to be awaited
    futures = _gone_over(around, node)
    if futures is None or isinstance(futures, ast.ListComp):
        return None
    if made.node in set(ast.walk(around)) - set(ast.walk(futures)):
        return None
    return Fetched(around, futures, future)


def _gone_over(around: ast.ListComp | ast.DictComp, node: ast.Call) -> ast.expr | None:
    """Return what holds the futures, where nothing is done but to fetch them."""
    generator = around.generators[0]
    if len(around.generators) > 1 or generator.ifs or generator.is_async:
        return None
    receiver = node.func.value if isinstance(node.func, ast.Attribute) else None
    name = receiver.id if isinstance(receiver, ast.Name) else ""
    if isinstance(around, ast.ListComp):
        plain = around.elt is node and isinstance(generator.target, ast.Name)
        same = isinstance(generator.target, ast.Name) and generator.target.id == name
        return generator.iter if plain and same and not _is_view(generator.iter) else None
    over, targets = generator.iter, generator.target
    view = over.func if isinstance(over, ast.Call) else None
    if not isinstance(view, ast.Attribute) or view.attr != "items":
        return None
    written = [ast.unparse(t) for t in targets.elts] if isinstance(targets, ast.Tuple) else []
    whole = written == [ast.unparse(around.key), name] and around.value is node
    return view.value if whole else None


def _is_view(node: ast.expr) -> bool:
    """Whether this is a call that gives no list, as ``.values()`` of a dict."""
    func = node.func if isinstance(node, ast.Call) else None
    return func is not None and not (isinstance(func, ast.Attribute) and func.attr == "map")

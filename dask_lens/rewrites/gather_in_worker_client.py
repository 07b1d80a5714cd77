"""Wait for the futures inside the task, in a ``worker_client`` block, and return their data.

``worker_client`` takes the task out of its worker's thread pool for as long as it waits, so
tasks that wait for tasks cannot block each other.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.rewrites._task_function import TaskFunction, task_function
from dask_lens.rewrites._worker_block import open_around, open_at, unused, worker_client

rewrite = Rewrite(__name__, title="Wait inside the task (worker_client)")


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Put what uses the client into a block, and gather what is returned."""
    task = task_function(cells, place)
    if isinstance(task, str):
        return task
    reason = _refuse(task)
    if reason is not None:
        return reason
    codemod = Codemod(cells[place.cell].source)
    name = task.name or unused("client", task.program.names)
    for returned in task.returns:
        node = codemod.at(cst.Return, task.place(returned))
        if node is None:
            return "the return could not be found in the text"
        codemod.change(node, lambda updated: _gathered(updated, name))
    if isinstance(task.bound, ast.With):
        return outcome({place.cell: codemod}, "ask")
    beside = task.client.node.func
    needless = isinstance(beside, ast.Name) and task.alone_needs(beside.id)
    function = worker_client(task.program, task.client, codemod, needless=needless)
    if function is None:
        return "the name worker_client means something else in this notebook"
    if task.bound is not None:
        open_at(codemod, task.place(task.bound), function, name)
    else:
        around, call = task.place(task.returns[0]), task.place(task.client.node)
        open_around(codemod, around, call, function, name)
    return outcome({place.cell: codemod}, "ask")


def _refuse(task: TaskFunction) -> str | None:
    for returned in task.returns:
        if isinstance(returned.value, ast.GeneratorExp):
            return "a generator is returned"
        around = list(task.parsed.parents(returned))
        if isinstance(task.bound, ast.With) and task.bound not in around:
            return "the future is returned after the client's block has ended"
    if task.bound is None:
        inline = task.client.node in set(ast.walk(task.returns[0]))
        if len(task.returns) != 1 or len(task.made) != 1 or not inline:
            return "the client is not given a name by a statement of its own"
    elif isinstance(task.bound, ast.Assign) and task.bound not in task.node.body:
        return "the client is made inside another block"
    return None


def _gathered(node: cst.Return, client: str) -> cst.Return:
    value = node.value
    if isinstance(value, cst.Tuple) and not value.lpar:
        value = value.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    if value is None:
        return node
    gather = cst.Call(cst.Attribute(cst.Name(client), cst.Name("gather")), [cst.Arg(value)])
    return node.with_changes(value=gather, whitespace_after_return=cst.SimpleWhitespace(" "))

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
from dask_lens.rewrites._imports import add_import
from dask_lens.rewrites._task_function import TaskFunction, task_function
from dask_lens.source import api

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
    name = task.name or _unused("client", task)
    for returned in task.returns:
        node = codemod.at(cst.Return, task.place(returned))
        if node is None:
            return "the return could not be found in the text"
        codemod.change(node, lambda updated: _gathered(updated, name))
    if isinstance(task.bound, ast.With):
        return outcome({place.cell: codemod}, "ask")
    function = _worker_client(task, codemod)
    if function is None:
        return "the name worker_client means something else in this notebook"
    if task.bound is None:
        _open_around_return(task, codemod, function, name)
    else:
        _open_at_assignment(task, codemod, function, name)
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


def _worker_client(task: TaskFunction, codemod: Codemod) -> cst.BaseExpression | None:
    """Return how ``worker_client`` is called here, imported where it was not."""
    function = task.client.node.func
    if isinstance(function, ast.Attribute) and function.attr == "get_client":
        return cst.parse_expression(f"{ast.unparse(function.value)}.worker_client()")
    for name, value in task.program.scope.names.items():
        if value is not None and value.kind == "name" and value.name == api.WORKER_CLIENT:
            return cst.parse_expression(f"{name}()")
    if "worker_client" in task.program.names:
        return None
    beside = function.id if isinstance(function, ast.Name) else None
    needless = beside is not None and task.alone_needs(beside)
    add_import(codemod, "worker_client", beside, instead=needless)
    return cst.parse_expression("worker_client()")


def _block(
    function: cst.BaseExpression, name: str, body: cst.IndentedBlock, **parts: Any
) -> cst.With:
    item = cst.WithItem(function, cst.AsName(cst.Name(name)))
    return cst.With([item], body, **parts)


def _open_at_assignment(
    task: TaskFunction, codemod: Codemod, function: cst.BaseExpression, name: str
) -> None:
    """Turn the assignment into a block that holds the rest of the function."""
    line = codemod.statement(task.place(task.bound or task.node))
    definition = codemod.statement(task.place(task.node))
    if not isinstance(definition, cst.FunctionDef) or line is None:
        raise LookupError(f"no function at {task.place(task.node)}")
    position = list(definition.body.body).index(line)

    def opened(block: cst.IndentedBlock) -> cst.IndentedBlock:
        assignment: Any = block.body[position]
        body = cst.IndentedBlock(block.body[position + 1 :], header=assignment.trailing_whitespace)
        made = _block(function, name, body, leading_lines=assignment.leading_lines)
        return block.with_changes(body=[*block.body[:position], made])

    codemod.change(definition.body, opened)


def _open_around_return(
    task: TaskFunction, codemod: Codemod, function: cst.BaseExpression, name: str
) -> None:
    """Put a block around the ``return``, with the client under a name."""
    line = codemod.statement(task.place(task.returns[0]))
    client = codemod.at(cst.Call, task.place(task.client.node))
    if line is None or client is None:
        raise LookupError(f"no return at {task.place(task.returns[0])}")
    codemod.change(client, lambda _: cst.Name(name))

    def opened(node: cst.SimpleStatementLine) -> cst.With:
        body = cst.IndentedBlock([node.with_changes(leading_lines=[])])
        return _block(function, name, body, leading_lines=node.leading_lines)

    codemod.change(line, opened)


def _unused(name: str, task: TaskFunction) -> str:
    taken = task.program.names
    candidates = (name, f"inner_{name}", *(f"{name}_{n}" for n in range(2, 1000)))
    return next(candidate for candidate in candidates if candidate not in taken)

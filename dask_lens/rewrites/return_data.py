"""Return the data itself from a task, in place of a future made by ``scatter``.

The result of a task stays on its worker until somebody asks for it, so the task's own future
already is the handle to remote data.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._client import remove_client
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.rewrites._handles import needless_results
from dask_lens.rewrites._task_function import TaskFunction, task_function
from dask_lens.source.calls import Call

rewrite = Rewrite(__name__, title="Return the data (no scatter)")


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Put the scattered data in place of the call, and remove the client that served only it."""
    task = task_function(cells, place)
    if isinstance(task, str):
        return task
    reason = _refuse(task)
    if reason is not None:
        return reason
    changed = {place.cell: Codemod(cells[place.cell].source)}
    for call in task.made:
        _use_data(task, changed[place.cell], call)
    if task.client_serves_only(call.node for call in task.made):
        remove_client(task, changed[place.cell])
    for submit, result in needless_results(task.program, task.function):
        codemod = changed.setdefault(submit.cell, Codemod(cells[submit.cell].source))
        fetch = codemod.at(cst.Call, task.program.place(submit.cell, result))
        if fetch is not None:
            codemod.change(fetch, lambda node: node.func.value)
    plain = not any(call.node.keywords for call in task.made)
    return outcome(changed, "same" if plain else "ask")


def _refuse(task: TaskFunction) -> str | None:
    if any(call.name != "distributed.Client.scatter" for call in task.made):
        return "not every future that is made here comes from scatter"
    returned = {n for node in task.returns for n in ast.walk(node)}
    for call in task.made:
        if len(call.node.args) != 1 or isinstance(call.node.args[0], ast.Starred):
            return "scatter is not called with one piece of data"
        if call.node in returned:
            continue
        assigned = [task.assignment(node) for node in task.returns]
        statement = next((s for s in assigned if s is not None and s.value is call.node), None)
        if statement is None:
            return "the way from scatter to return is not a straight one"
        target = statement.targets[0]
        if not isinstance(target, ast.Name) or len(task.names(target.id)) != len(task.returns) + 1:
            return "the future is used for more than being returned"
    return None


def _use_data(task: TaskFunction, codemod: Codemod, call: Call) -> None:
    node = codemod.at(cst.Call, task.place(call.node))
    statement = task.parsed.statement(call.node)
    if node is None or statement is None:
        raise LookupError(f"no call at {task.place(call.node)}")
    following = task.next(statement)
    if isinstance(statement, ast.Return) or following not in task.returns:
        codemod.change(node, _data)
        return
    # ``future = client.scatter(data)`` and at once ``return future``: ``return data``.
    line = codemod.statement(task.place(statement))
    after = codemod.statement(task.place(following))
    returned = codemod.at(cst.Return, task.place(following))
    if not isinstance(line, cst.SimpleStatementLine) or returned is None or len(line.body) != 1:
        codemod.change(node, _data)
        return
    codemod.drop(line, after)
    data = _data(node)
    codemod.change(returned, lambda updated: updated.with_changes(value=data))


def _data(call: cst.Call) -> cst.BaseExpression:
    """Return what is scattered, in parentheses where it cannot stand alone."""
    value = call.args[0].value
    try:
        ast.parse(f"x = {cst.Module([]).code_for_node(value)}")
    except SyntaxError:
        return value.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    return value

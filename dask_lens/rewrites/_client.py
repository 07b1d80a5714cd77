"""The client that a task gets for itself, and its import."""

from __future__ import annotations

import ast

import libcst as cst

from dask_lens.rewrites._codemod import Codemod
from dask_lens.rewrites._imports import drop_import
from dask_lens.rewrites._task_function import TaskFunction


def remove_client(task: TaskFunction, codemod: Codemod) -> None:
    """Remove the statement that names the client, and the import that only it needs."""
    if task.bound is not None and not _remove_binding(task, task.bound, codemod):
        return
    function = task.client.node.func
    if isinstance(function, ast.Name) and task.alone_needs(function.id):
        drop_import(codemod, function.id)


def _remove_binding(task: TaskFunction, bound: ast.Assign | ast.With, codemod: Codemod) -> bool:
    statement = codemod.statement(task.place(bound))
    if isinstance(statement, cst.With):
        if any(line.comment for line in getattr(statement.body, "footer", ())):
            return False
        codemod.change(statement, _unwrapped)
        return True
    if isinstance(statement, cst.SimpleStatementLine) and len(statement.body) == 1:
        following = task.next(bound)
        after = codemod.statement(task.place(following)) if following is not None else None
        codemod.drop(statement, after)
        return True
    return False


def _unwrapped(node: cst.With) -> cst.FlattenSentinel[cst.BaseStatement]:
    """Return the statements of a ``with`` block, for the place of the block."""
    if isinstance(node.body, cst.SimpleStatementSuite):
        line = cst.SimpleStatementLine(node.body.body, leading_lines=node.leading_lines)
        return cst.FlattenSentinel([line])
    first, *rest = node.body.body
    leading = [*node.leading_lines, *getattr(first, "leading_lines", ())]
    return cst.FlattenSentinel([first.with_changes(leading_lines=leading), *rest])

"""Where the result of a task is fetched only to be passed on to other tasks."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dask_lens.source.calls import Call
from dask_lens.source.free import free_names
from dask_lens.source.program import Program
from dask_lens.source.tasks import task_functions
from dask_lens.source.values import Function

_SUBMIT = "distributed.Client.submit"
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def needless_results(program: Program, function: Function) -> Iterator[tuple[Call, ast.Call]]:
    """Yield the submits of a task, each with the ``.result()`` behind it that can go.

    It can go where the result gets a name that is only ever an argument of other submits: the
    future of the task serves them as well, and the data stays on the workers.

    Parameters
    ----------
    program
        The cells.
    function
        The function that is submitted.
    """
    for use in task_functions(program).get(function, ()):
        fetched = _fetched(program, use)
        if fetched is not None and _only_submitted(program, fetched[1]):
            yield use, fetched[0]


def _fetched(program: Program, use: Call) -> tuple[ast.Call, str] | None:
    """Return the call of ``.result()`` behind a submit, and the name that it is given."""
    if use.name != _SUBMIT or use.inside is not None:
        return None
    around = program.cells[use.cell].parents(use.node)
    attribute, call, statement = (next(around, None) for _ in range(3))
    if (
        isinstance(attribute, ast.Attribute)
        and attribute.attr == "result"
        and isinstance(call, ast.Call)
        and not call.args
        and not call.keywords
        and isinstance(statement, ast.Assign)
        and [type(target) for target in statement.targets] == [ast.Name]
    ):
        return call, ast.unparse(statement.targets[0])
    return None


def _only_submitted(program: Program, name: str) -> bool:
    submitted = 0
    for cell in program.cells:
        for node in _top_level(cell.tree):
            if isinstance(node, _FUNCTIONS) and name in free_names(node):
                return False
            if not isinstance(node, ast.Name) or node.id != name:
                continue
            parent = next(cell.parents(node))
            if isinstance(parent, ast.keyword):
                parent = next(cell.parents(parent))
            if _is_argument(program, parent, node):
                submitted += 1
            elif isinstance(node.ctx, ast.Load) and not isinstance(parent, ast.Expr):
                return False
    return submitted > 0


def _is_argument(program: Program, parent: ast.AST, node: ast.Name) -> bool:
    call = program.by_node.get(parent) if isinstance(parent, ast.Call) else None
    # The first argument is the function.
    return call is not None and call.name == _SUBMIT and node not in call.node.args[:1]


def _top_level(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield what stands outside functions, and the functions."""
    for child in ast.iter_child_nodes(tree):
        yield child
        if not isinstance(child, _FUNCTIONS):
            yield from _top_level(child)

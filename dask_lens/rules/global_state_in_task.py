"""A task changes something outside itself.

A task runs in another process, often on another machine. A list it appends to, a counter it
raises, a name it declares ``global`` is a copy there, which nobody reads. In threads of one
process it is the same object, and the tasks race for it.

*Why it costs*: what was collected is empty or incomplete, depending on the scheduler. Nothing
is raised.

*When it is fine*: a cache that each process fills for itself; a change under a lock, among
threads of this process; what is changed was made inside the task, or is an array in a file or
store. Of methods that run as tasks and set attributes of their own object nothing is said.

*References*: https://docs.dask.org/en/stable/delayed-best-practices.html#avoid-global-state
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dask_lens.record.run import Run
from dask_lens.rule import Finding, Rule, Settings
from dask_lens.rules._task_bodies import TaskBody, task_bodies
from dask_lens.source.definitions import definition
from dask_lens.source.free import free_names
from dask_lens.source.mutations import changed_names, root
from dask_lens.source.values import Value
from dask_lens.source.words import words

rule = Rule(
    __name__,
    code="DSK605",
    kind="wrong",
    needs=("source",),
    message=(
        "{function} runs as a task and changes {name}, which is outside it: on a cluster and in "
        "processes that is a copy nobody reads."
    ),
    advice="Return the value, and put together here what the tasks return.",
    dont="""
import dask

found = []

@dask.delayed
def search(number):
    if number % 2:
        found.append(number)  # found here

dask.compute(*[search(number) for number in range(4)], scheduler="sync")
""",
    do="""
import dask

@dask.delayed
def search(number):
    return [number] if number % 2 else []

found = sum(dask.compute(*[search(number) for number in range(4)], scheduler="sync"), [])
""",
)

#: Libraries whose arrays are in files or stores, and methods that make such arrays.
_STORES = ("zarr.", "h5py.", "netCDF4.", "h5netcdf.", "tensorstore.", "tables.", "rasterio.")
_MAKES_STORED = words("create_array create_dataset createVariable require_array require_dataset")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find the first change, in each task, of something from around it."""
    del settings
    for task in task_bodies(run):
        found = next(_changes(task), None)
        if found is not None:
            name, node = found
            yield rule.finding(
                task.program.place(task.function.cell, node),
                certainty="likely",
                function=task.name,
                name=name,
            )


def _changes(task: TaskBody) -> Iterator[tuple[str, ast.AST]]:
    """Yield what a function changes that it did not make and was not given."""
    node = task.function.node
    is_lambda = isinstance(node, ast.Lambda)
    free = {name for name in free_names(node) if _is_state(task, name, surely=is_lambda)}
    # What a lambda gives may be all that is wanted: only of lists and dicts it is not.
    body: list[ast.AST] = [ast.Expr(node.body)] if isinstance(node, ast.Lambda) else [*node.body]
    declared = {
        name
        for statement in body
        for part in ast.walk(statement)
        if isinstance(part, ast.Global)
        for name in part.names
    }
    locked = {id(inner) for part in body for block in _locked(part) for inner in ast.walk(block)}
    for statement in body:
        changes = [*changed_names(statement), *_stores(statement, declared)]
        for name, changed in changes:
            kept = name in free or name in declared
            if kept and id(changed) not in locked and not _is_cache(node, name):
                yield name, changed


def _is_state(task: TaskBody, name: str, *, surely: bool) -> bool:
    """Whether a name from around a function can hold what a task must not change."""
    scope = task.function.scope.holder(name) or task.program.scope.holder(name)
    if scope is None:
        return False
    value: Value | None = scope.names.get(name)
    if _is_stored(task, name):
        return False
    if surely:
        return value is not None and value.kind == "items"
    if value is None:
        return True
    return value.kind in ("items", "data", "class") or (
        value.kind == "instance" and not value.name.startswith(("distributed.", "dask."))
    )


def _is_stored(task: TaskBody, name: str) -> bool:
    """Whether a name means an array in a file or store, which is the same for all processes."""
    found = definition(task.program, ast.Name(name, ast.Load()))
    made = task.program.by_node.get(found[1]) if found and isinstance(found[1], ast.Call) else None
    if made is None:
        return False
    func = made.node.func
    last = func.attr if isinstance(func, ast.Attribute) else ""
    return made.name.startswith(_STORES) or last in _MAKES_STORED


def _stores(statement: ast.AST, declared: set[str]) -> Iterator[tuple[str, ast.AST]]:
    """Yield where names that are declared ``global`` are given something."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in declared:
            yield node.id, node


def _locked(statement: ast.AST) -> Iterator[ast.AST]:
    """Yield the blocks that hold something, a lock most likely, while they run."""
    for node in ast.walk(statement):
        if isinstance(node, (ast.With, ast.AsyncWith)):
            items = [item.context_expr for item in node.items]
            if any(isinstance(item, (ast.Name, ast.Attribute)) for item in items):
                yield node


def _is_cache(function: ast.AST, name: str) -> bool:
    """Whether a function first looks whether something is there, as with a cache."""
    for node in ast.walk(function):
        if isinstance(node, ast.Compare):
            looked = [node.left, *node.comparators]
            asks = any(isinstance(op, (ast.In, ast.NotIn, ast.Is, ast.IsNot)) for op in node.ops)
            if asks and any(root(part) == name for part in looked):
                return True
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            held = node.func.value
            gets = node.func.attr in ("get", "setdefault")
            if gets and root(held) == name:
                return True
        tested = node.test if isinstance(node, (ast.If, ast.IfExp)) else None
        if isinstance(tested, ast.UnaryOp) and root(tested.operand) == name:
            return True
    return False

"""A function that runs as a task and returns futures: what of it concerns a rewrite."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrites._imports import uses
from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.cell import ParsedCell
from dask_lens.source.program import Program, read
from dask_lens.source.values import Function, contained


@dataclass(frozen=True)
class TaskFunction:
    """A function of the notebook whose ``return`` gives futures.

    Parameters
    ----------
    program
        The cells.
    function
        The function.
    node
        Its definition.
    returns
        Its ``return`` statements that give futures.
    made
        The calls that make those futures, in the order of the text.
    client
        The call that gets the client.
    bound
        The statement that gives the client its name; None where it has none.
    name
        The client's name; None where it has none.
    whole
        Whether the cells are all the code there is. In a running notebook they are not: what
        stands below may not have run yet.
    """

    program: Program
    function: Function
    node: ast.FunctionDef
    returns: tuple[ast.Return, ...]
    made: tuple[Call, ...]
    client: Call
    bound: ast.Assign | ast.With | None
    name: str | None
    whole: bool

    @property
    def cell(self) -> int:
        """Index of the cell that defines it."""
        return self.function.cell

    @property
    def parsed(self) -> ParsedCell:
        """The cell that defines it."""
        return self.program.cells[self.cell]

    def place(self, node: ast.AST) -> Place:
        """Return where a node of the function stands."""
        return self.program.place(self.cell, node)

    def assignment(self, returned: ast.Return) -> ast.Assign | None:
        """Return the one statement that gives a returned name its value."""
        if not isinstance(returned.value, ast.Name):
            return None
        name = returned.value.id
        stores = [n for n in self.names(name) if not isinstance(n.ctx, ast.Load)]
        if len(stores) != 1:
            return None
        statement = self.parsed.statement(stores[0])
        return statement if isinstance(statement, ast.Assign) else None

    def next(self, statement: ast.stmt) -> ast.stmt | None:
        """Return the statement that follows in the same block."""
        parent = next(self.parsed.parents(statement))
        for _, block in ast.iter_fields(parent):
            if isinstance(block, list) and statement in block[:-1]:
                following: ast.stmt = block[block.index(statement) + 1]
                return following
        return None

    def client_serves_only(self, calls: Iterable[ast.Call]) -> bool:
        """Whether the client has no other use in the function than these calls."""
        inside = {node for call in calls for node in ast.walk(call)}
        if self.name is None:
            return self.client.node in inside
        return all(n in inside or not isinstance(n.ctx, ast.Load) for n in self.names(self.name))

    def alone_needs(self, name: str) -> bool:
        """Whether the call that gets the client is all that reads a name."""
        return self.whole and not uses(self.program, name, {self.client.node})

    def names(self, name: str) -> list[ast.Name]:
        """Return every place in the function where a name is written."""
        return [n for n in ast.walk(self.node) if isinstance(n, ast.Name) and n.id == name]


def task_function(cells: tuple[Cell, ...], place: Place) -> TaskFunction | str:
    """Return the function whose ``return`` stands at ``place``, or why it stays as it is."""
    program = read(cells)
    whole = all(cell.execution_count is None for cell in cells)
    for function in program.functions:
        if function.cell != place.cell:
            continue
        body = program.body(function)
        for returned, _ in body.returns if body is not None else ():
            if program.place(function.cell, returned).line == place.line:
                return _understand(program, function, whole=whole)
    return "no function on this line returns a future"


def _understand(program: Program, function: Function, *, whole: bool) -> TaskFunction | str:
    body = program.body(function)
    if isinstance(function.node, ast.Lambda):
        return "it is a lambda: give it a name and a body first"
    if isinstance(function.node, ast.AsyncFunctionDef) or body is None:
        return "it is an asynchronous task"
    calls = body.calls
    returns = tuple(
        node
        for node, value in body.returns
        if isinstance(node, ast.Return) and contained(value, api.FUTURE) is not None
    )
    if not returns:
        return "no function on this line returns a future"
    made = [
        call
        for call in calls
        if call.result is not None
        and contained(call.result, api.FUTURE) is not None
        and call.name.startswith(f"{api.CLIENT}.")
    ]
    clients = {call.receiver.call for call in made if call.receiver is not None}
    client = next((call for call in calls if call.node in clients), None)
    if not made or client is None or len(clients) != 1:
        return "the future is made in another function, or by several clients"
    if client.name not in (*api.WORKER_CLIENTS, api.WORKER_CLIENT):
        return "the client is not the one of the worker"
    bound = program.cells[function.cell].statement(client.node)
    name = _name(bound, client.node)
    found = TaskFunction(
        program,
        function,
        function.node,
        returns,
        tuple(made),
        client,
        bound if name is not None and isinstance(bound, (ast.Assign, ast.With)) else None,
        name,
        whole,
    )
    stores = found.names(name) if name is not None else []
    if sum(not isinstance(n.ctx, ast.Load) for n in stores) > 1:
        return f"the name {name} is given to more than one thing in {function.name}"
    return found


def _name(bound: ast.stmt | None, client: ast.Call) -> str | None:
    """Return the name that a statement gives to the client."""
    target: ast.expr | None = None
    if isinstance(bound, ast.Assign) and bound.value is client and len(bound.targets) == 1:
        target = bound.targets[0]
    elif isinstance(bound, ast.With) and len(bound.items) == 1:
        target = bound.items[0].optional_vars
    return target.id if isinstance(target, ast.Name) else None

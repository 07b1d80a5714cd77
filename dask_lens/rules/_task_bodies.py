"""Functions that run as tasks, with everything they call, for rules about what tasks do."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from dask_lens.record.run import Run
from dask_lens.source import api
from dask_lens.source.calls import Body, Call
from dask_lens.source.program import Program, read
from dask_lens.source.tasks import task_functions
from dask_lens.source.values import Function, Value, contained


@dataclass(frozen=True)
class TaskBody:
    """A function that runs as a task.

    Parameters
    ----------
    program
        The cells.
    function
        The function.
    uses
        The calls that make tasks of it; none where it is only decorated.
    body
        What it does itself.
    calls
        The calls in it and in the functions of the notebook that it calls.
    """

    program: Program
    function: Function
    uses: tuple[Call, ...]
    body: Body
    calls: tuple[Call, ...]

    @property
    def name(self) -> str:
        """How a message names it."""
        return "a lambda" if self.function.name == "lambda" else self.function.name

    def own_client(self, client: Value | None) -> Call | None:
        """Return the call in a task that got this client; None where it came from elsewhere."""
        made = self._maker(client)
        inside = made is not None and made.inside is not None
        return made if inside and made is not None and made.name in _CLIENTS else None

    def own_future(self, value: Value | None) -> Call | None:
        """Return the call of a client of the task's own that made the future in ``value``."""
        made = self._maker(contained(value, api.FUTURE))
        while made is not None and made.name == "distributed.as_completed" and made.arguments:
            made = self._maker(contained(made.arguments[0], api.FUTURE))
        return made if made is not None and self.own_client(made.receiver) is not None else None

    def _maker(self, value: Value | None) -> Call | None:
        return self.program.by_node.get(value.call) if value is not None and value.call else None


#: Calls by which a task gets a client.
_CLIENTS = api.WORKER_CLIENTS | {api.WORKER_CLIENT}


def task_bodies(run: Run, running: AbstractSet[str] = frozenset()) -> Iterator[TaskBody]:
    """Yield the functions that run as tasks and that concern what is judged.

    Of a cell that ran, these are the functions it defines or uses; of code that did not run,
    all of them.

    Parameters
    ----------
    run
        The cells.
    running
        Names of functions that are known to run as tasks, whichever cell made them.
    """
    for body in _task_bodies(read(run.cells)):
        cells = {body.function.cell, *(use.cell for use in body.uses)}
        if run.observed is None or run.observed in cells or body.function.name in running:
            yield body


def nested_bodies(run: Run) -> Iterator[TaskBody]:
    """Yield, besides :func:`task_bodies`, functions that ask for the client of their worker.

    ``worker_client()`` works nowhere but in a task, whoever makes one of the function.

    Parameters
    ----------
    run
        The cells.
    """
    yield from task_bodies(run)
    program = read(run.cells)
    tasks = task_functions(program)
    # Of cells that run, the one that makes tasks of it will tell.
    for call in program.by_name.get(api.WORKER_CLIENT, ()) if run.observed is None else ():
        function = call.inside
        if function is None or function in tasks:
            continue
        body = program.body(function) if not _is_tested(program, function) else None
        if body is not None:
            calls = tuple(program.by_node.get(inner.node, inner) for inner in _calls(body))
            yield TaskBody(program, function, (call,), body, calls)


@functools.lru_cache(maxsize=8)
def _task_bodies(program: Program) -> tuple[TaskBody, ...]:
    found = []
    for function, uses in task_functions(program).items():
        body = program.body(function) if not _is_tested(program, function) else None
        if body is not None:
            calls = tuple(program.by_node.get(call.node, call) for call in _calls(body))
            found.append(TaskBody(program, function, uses, body, calls))
    return tuple(found)


def _is_tested(program: Program, function: Function) -> bool:
    """Whether a function is a test's own, which counts its calls or breaks rules on purpose."""
    around = program.cells[function.cell].parents(function.node)
    return any(getattr(node, "name", "").startswith("test_") for node in around)


def _calls(body: Body) -> Iterator[Call]:
    seen: set[int] = set()
    waiting = [body]
    while waiting:
        body = waiting.pop()
        if id(body) not in seen:
            seen.add(id(body))
            yield from body.calls
            waiting += body.bodies

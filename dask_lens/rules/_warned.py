"""What tasks warned of while they ran, and the lines that it concerns."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from dask_lens.metrics.naming import layer_name
from dask_lens.record.cell import Place
from dask_lens.record.computation import Computation
from dask_lens.record.run import Run
from dask_lens.record.task_warning import TaskWarning
from dask_lens.source.calls import Call
from dask_lens.source.program import Program

#: Warnings of one line that are told, and characters of each.
MOST, LENGTH = 2, 160
#: The folders of Dask, whose lines say nothing.
_DASK = frozenset({"dask", "distributed"})


@dataclass
class Warned:
    """What tasks warned of on one line.

    Parameters
    ----------
    place
        The line of the function of the notebook that warned or called what did; else of the
        call that made the task.
    function
        The function of the notebook, or what the task is called.
    warnings
        What was warned of there.
    call
        The call of Python's own ``warn`` that stands there; None where a library warned.
    """

    place: Place | None
    function: str
    warnings: list[TaskWarning]
    call: Call | None = None

    @property
    def times(self) -> int:
        """How often, at least."""
        return sum(warning.count for warning in self.warnings)

    @property
    def said(self) -> str:
        """The texts, as far as there is room."""
        texts = list(dict.fromkeys(map(_said, self.warnings)))
        more = len(texts) - MOST
        return "; ".join(texts[:MOST]) + (f"; and {more} more" if more > 0 else "")


def _said(warning: TaskWarning) -> str:
    """Return a warning as it is shown, with its line where that is of a module."""
    text = f"{warning.category}: {warning.message}"[:LENGTH]
    parts = warning.file.replace("\\", "/").split("/")
    of_module = not warning.function and not _DASK & {*parts} and parts[-1].endswith(".py")
    return f"{text} ({parts[-1]}, line {warning.line})" if of_module else text


def warned(run: Run, program: Program) -> Iterator[Warned]:
    """Yield what tasks warned of, once for each line.

    Parameters
    ----------
    run
        What happened.
    program
        Its cells, read.
    """
    found: dict[object, Warned] = {}
    for computation in run.computations:
        for warning in computation.warnings:
            place = _written_at(program, warning)
            name = "a lambda" if warning.function == "<lambda>" else warning.function
            if place is None:
                place = _made_at(computation, warning)
                name = _task_name(computation, warning.key)
            line = (name, None) if place is None else (place.cell, place.line)
            known = found.setdefault(line, Warned(place, name, []))
            known.warnings.append(warning)
    for one in found.values():
        one.call = _call_at(program, one.place)
        if one.call is not None:
            one.place = program.place(one.call.cell, one.call.node)
        yield one


def _written_at(program: Program, warning: TaskWarning) -> Place | None:
    """Return the line of a notebook's function: cells lie behind each other, the last counts."""
    name = warning.function.replace("<lambda>", "lambda")
    named = [function for function in program.functions if function.name == name]
    for function in sorted(named, key=lambda one: -one.cell):
        node = function.node
        decorators = getattr(node, "decorator_list", ())
        first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
        last = max(getattr(part, "end_lineno", 0) or 0 for part in ast.walk(node))
        if first <= first + warning.below <= last:
            return Place(function.cell, first + warning.below)
    return None


def _made_at(computation: Computation, warning: TaskWarning) -> Place | None:
    """Return the line of the call that made the task, or else of the one that ran it."""
    graph = computation.graph
    if graph is not None and warning.key in graph.keys:
        made = graph.place_of(graph.keys.index(warning.key))
        if made is not None:
            return made
    return computation.place


def _task_name(computation: Computation, key: str) -> str:
    task = next((task for task in computation.tasks if task.key == key), None)
    labels = None if computation.graph is None else computation.graph.labels
    return "A task" if task is None else layer_name(task.prefix, labels)


def _call_at(program: Program, place: Place | None) -> Call | None:
    calls = program.by_name.get("warnings.warn", ())
    return next(
        (c for c in calls if place and (c.cell, c.node.lineno) == (place.cell, place.line)), None
    )

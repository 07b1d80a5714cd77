"""What a run says of a place in the text: whether it has run, and what Dask did there."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import TypeAlias

from dask_lens.metrics.ready import ran
from dask_lens.record.computation import Computation
from dask_lens.record.run import Run
from dask_lens.record.task import Task
from dask_lens.source.program import Program

#: A task, and the computation in which it ran.
RanTask: TypeAlias = tuple[Computation, Task]


def is_over(run: Run) -> bool:
    """Whether the cell has run to its end, and with it all that it asked of Dask."""
    return run.observed is not None and run.stop is not None


def computations_at(
    run: Run, program: Program, cell: int, nodes: Iterable[ast.AST]
) -> tuple[Computation, ...]:
    """Return the finished computations that were asked for on the lines of these nodes.

    Parameters
    ----------
    run
        What happened.
    program
        The cells of the run, read.
    cell
        Index of the cell that the nodes stand in.
    nodes
        Expressions that compute.
    """
    lines: set[int] = set()
    for node in nodes:
        place = program.place(cell, node)
        lines.update(range(place.line, (place.end_line or place.line) + 1))
    return tuple(
        c
        for c in run.computations
        if c.place is not None
        and c.stop is not None
        and c.place.cell == cell
        and c.place.line in lines
    )


def tasks_at(run: Run, program: Program, cell: int, node: ast.AST) -> list[RanTask]:
    """Return the tasks that ran of those that a node put into graphs, with their computations.

    Parameters
    ----------
    run, program, cell
        As for :func:`computations_at`.
    node
        An expression that makes tasks, now or for later.
    """
    place = program.place(cell, node)
    lines = range(place.line, (place.end_line or place.line) + 1)
    return [
        (computation, task)
        for computation in run.computations
        if computation.graph is not None and computation.status == "finished"
        for number, task in enumerate(ran(computation))
        if task is not None and (made := computation.graph.place_of(number)) is not None
        if made.cell == cell and made.line in lines
    ]


def concerns(run: Run, cell: int) -> bool:
    """Whether a finding in this cell is this run's to tell, before anything has run."""
    return run.observed is None or run.observed == cell

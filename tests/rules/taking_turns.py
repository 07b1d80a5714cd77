"""Computations made up for rules that look at how long tasks ran."""

from __future__ import annotations

from dask_lens.record.cell import Cell, Place
from dask_lens.record.computation import Computation
from dask_lens.record.graph import Graph
from dask_lens.record.run import Run
from dask_lens.record.task import Task
from dask_lens.rule import Finding, Rule


def ran(durations: list[float], pause: float = 0.0, threads: int = 2) -> Computation:
    """Return a computation whose tasks took turns on its threads, with a pause before each."""
    free = [0.0] * threads
    tasks = []
    for number, duration in enumerate(durations):
        thread = free.index(min(free))
        start = free[thread] + pause
        free[thread] = start + duration
        tasks.append(Task(f"f-{number}", "f", "w", thread, start, free[thread]))
    keys = tuple(task.key for task in tasks)
    return Computation(
        "threads",
        0.0,
        max(free),
        threads,
        tuple(tasks),
        n_tasks=len(tasks),
        busy=sum(durations),
        place=Place(0, 1),
        graph=Graph(keys, ((),) * len(keys)),
    )


def found(rule: Rule, computation: Computation) -> list[Finding]:
    run = Run((Cell("dask.compute(x)"),), 0, 0.0, 100.0, (computation,))
    return [finding for finding in rule.run(run, {}) if isinstance(finding, Finding)]

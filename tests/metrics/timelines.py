"""Computations of known truth, drawn by hand: ``lane(...)`` is a thread, numbers are seconds."""

from __future__ import annotations

from dask_lens.record.computation import Computation
from dask_lens.record.graph import Graph
from dask_lens.record.task import Task

#: Times in tests are counted from here.
EPOCH = 1_700_000_000.0


def task(key, start, stop, *, thread=0, cpu=None, movement=0.0, worker="w"):
    return Task(key, key, worker, thread, EPOCH + start, EPOCH + stop, cpu, movement)


def computation(*tasks, stop, threads, edges=(), start=0.0, scheduler="threads", **rest):
    """Build a computation; ``edges`` are pairs (task, the task that waits for it)."""
    keys = tuple(t.key for t in tasks)
    dependencies = tuple(tuple(keys.index(a) for a, b in edges if b == key) for key in keys)
    return Computation(
        scheduler=scheduler,
        start=EPOCH + start,
        stop=EPOCH + stop,
        threads=threads,
        tasks=tasks,
        n_tasks=len(tasks),
        busy=sum(t.duration for t in tasks),
        graph=Graph(keys, dependencies),
        **rest,
    )

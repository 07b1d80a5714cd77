"""A run in the Chrome trace format, which https://ui.perfetto.dev and chrome://tracing open.

The format: "Trace Event Format", Google 2016
(https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU). A process of
the trace is a worker, a thread one of its threads; what is drawn on one thread must not overlap.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, groupby
from typing import Any, TypeVar

from dask_lens.present.lanes import critical_keys
from dask_lens.record.computation import Computation
from dask_lens.record.run import Run
from dask_lens.record.task import Task

#: Process of the trace that stands for the run as a whole.
OVERVIEW = 0

T = TypeVar("T")


def trace(run: Run) -> dict[str, Any]:
    """Return a run as a trace: plain JSON values.

    Parameters
    ----------
    run
        One observed cell. Tasks that were not kept are not there; their number is in
        ``otherData``.

    Returns
    -------
    dict
        Times in microseconds from the start of the run. Each task is a complete event (``X``)
        named after its key prefix, each computation one in the process ``Dask Lens``, and the
        number of tasks that run at once a counter (``C``).
    """
    ran = [c for c in run.computations if c.tasks]
    origin = min((c.start for c in ran), default=0.0)
    tasks = [task for c in ran for task in c.tasks]
    return {
        "traceEvents": [
            *_name("process", "Dask Lens", OVERVIEW),
            *_computations(ran, origin),
            *_counters(tasks, origin),
            *_workers(ran, origin),
        ],
        "displayTimeUnit": "ms",
        "otherData": {
            "writer": "dask-lens",
            "startSeconds": origin,
            "tasks": sum(c.n_tasks for c in ran),
            "tasksNotKept": sum(c.n_tasks - len(c.tasks) for c in ran),
        },
    }


def _name(what: str, name: str, pid: int, tid: int = 0) -> Iterator[dict[str, Any]]:
    yield {"ph": "M", "name": f"{what}_name", "pid": pid, "tid": tid, "args": {"name": name}}
    if what == "process":
        sort = {"sort_index": pid}
        yield {"ph": "M", "name": "process_sort_index", "pid": pid, "tid": tid, "args": sort}


def _computations(ran: Sequence[Computation], origin: float) -> Iterator[dict[str, Any]]:
    spans = [(c.start, max(c.stop or c.start, *(task.stop for task in c.tasks)), c) for c in ran]
    for tid, row in enumerate(_rows(spans), start=1):
        yield from _name("thread", "computations", OVERVIEW, tid)
        for start, stop, c in row:
            line = "" if c.place is None else f", line {c.place.line}"
            yield {
                "ph": "X",
                "name": f"{c.scheduler}{line}",
                "cat": "computation",
                "pid": OVERVIEW,
                "tid": tid,
                **_times(start, stop, origin),
                "args": {"tasks": c.n_tasks, "threads": c.threads, "status": c.status},
            }


def _counters(tasks: Sequence[Task], origin: float) -> Iterator[dict[str, Any]]:
    changes = [(task.start, 1) for task in tasks] + [(task.stop, -1) for task in tasks]
    changes.sort()
    counts = accumulate(change for _, change in changes)
    steps = zip((_micro(time - origin) for time, _ in changes), counts, strict=True)
    for time, group in groupby(steps, key=lambda step: step[0]):
        *_, (_, count) = group
        args = {"running": count}
        yield {"ph": "C", "name": "Parallelism", "pid": OVERVIEW, "ts": time, "args": args}


def _workers(ran: Sequence[Computation], origin: float) -> Iterator[dict[str, Any]]:
    workers: dict[tuple[str, str], dict[int, list[tuple[float, float, dict[str, Any]]]]] = {}
    for c in ran:
        chain = critical_keys(c)
        for task in c.tasks:
            threads = workers.setdefault((c.scheduler, task.worker), {})
            event = _event(task, critical=task.key in chain)
            threads.setdefault(task.thread, []).append((task.start, task.stop, event))
    for pid, ((scheduler, worker), threads) in enumerate(workers.items(), start=OVERVIEW + 1):
        yield from _name("process", f"{scheduler} {worker}", pid)
        rows = [(n, row) for n, events in enumerate(threads.values(), 1) for row in _rows(events)]
        for tid, (number, row) in enumerate(rows, start=1):
            yield from _name("thread", f"thread {number}", pid, tid)
            for start, stop, event in row:
                yield {**event, "pid": pid, "tid": tid, **_times(start, stop, origin)}


def _event(task: Task, *, critical: bool) -> dict[str, Any]:
    known = {
        "key": task.key,
        "status": task.status,
        "cpu seconds": task.cpu,
        "moved before, seconds": task.movement or None,
        "packed after, seconds": task.packing or None,
        "nbytes": task.nbytes,
        "type": task.typename,
        "critical path": critical or None,
    }
    args = {name: value for name, value in known.items() if value is not None}
    return {"ph": "X", "name": task.prefix, "cat": "task", "args": args}


def _times(start: float, stop: float, origin: float) -> dict[str, float]:
    begin, end = _micro(start - origin), _micro(stop - origin)
    return {"ts": begin, "dur": round(max(end - begin, 0.0), 3)}


def _micro(seconds: float) -> float:
    return round(max(seconds, 0.0) * 1e6, 3)


def _rows(spans: Iterable[tuple[float, float, T]]) -> list[list[tuple[float, float, T]]]:
    """Lay spans in as few rows as keeps those of one row from overlapping."""
    rows: list[list[tuple[float, float, T]]] = []
    for span in sorted(spans, key=lambda span: span[:2]):
        for row in rows:
            if row[-1][1] <= span[0]:
                row.append(span)
                break
        else:
            rows.append([span])
    return rows

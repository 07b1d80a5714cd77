"""Which thread ran what, and when: one lane for each thread, to be drawn."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from dask_lens.metrics.critical_path import critical_path
from dask_lens.metrics.joined import pool_size, windows
from dask_lens.present.legend import PREFIXES
from dask_lens.record.computation import Computation
from dask_lens.record.task import Task

#: Tasks up to which each is a box: more can be neither told apart nor drawn at once.
MOST_BOXES = 3_000

#: Lanes beyond which the threads of a worker, and then workers, share one.
MOST_LANES = 64

#: Stretches of time in which a lane without boxes says how busy it was.
BINS = 120

#: Threads without a task that are shown one by one.
MOST_IDLE = 8

#: Key prefixes that are told apart: there are no more colours than that.
MOST_PREFIXES = len(PREFIXES) - 1

#: What a thread of a scheduler is called; distributed's are called after their worker.
_NAMES = {"sync": "thread", "threads": "thread", "processes": "process", "custom": "thread"}


@dataclass(frozen=True)
class Box:
    """One task in its lane.

    Parameters
    ----------
    key
        Its key.
    prefix
        Index into :attr:`Lanes.prefixes`; one past its end for all that are not there.
    start, duration
        Seconds; ``start`` from the start of the lanes.
    critical
        Whether it is on the longest chain of its computation.
    erred
        Whether it raised.
    """

    key: str
    prefix: int
    start: float
    duration: float
    critical: bool
    erred: bool


@dataclass(frozen=True)
class Lane:
    """One thread, or several where there are too many.

    Parameters
    ----------
    name
        ``"thread 2"``, ``"process 1"``, or a worker's address.
    threads
        How many threads share the lane.
    boxes
        The tasks; where those are too many, the ones on the longest chain.
    busy
        Share of the lane's threads that ran a task, by stretch of time; empty where every
        task is a box.
    """

    name: str
    threads: int
    boxes: tuple[Box, ...] = ()
    busy: tuple[float, ...] = ()


@dataclass(frozen=True)
class Lanes:
    """A run, thread by thread.

    Parameters
    ----------
    start, duration
        Seconds since the epoch, and seconds, of all computations together.
    tasks, missing
        How many tasks ran, and how many of them were not kept and are in no lane.
    prefixes
        The key prefixes with the most seconds, the first with the most of all.
    lanes
        Threads that lived after one another share one; those that ran nothing come last.
    """

    start: float
    duration: float
    tasks: int
    missing: int
    prefixes: tuple[str, ...]
    lanes: tuple[Lane, ...]


@dataclass
class _Row:
    """A lane in the making."""

    name: str
    worker: str
    free: float
    threads: int = 1
    tasks: list[tuple[Task, bool]] = field(default_factory=list)


def lanes(computations: Sequence[Computation]) -> Lanes | None:
    """Lay out the tasks of one or several computations.

    Parameters
    ----------
    computations
        Of one run; of those that still run, what is known so far.

    Returns
    -------
    Lanes or None
        None where no task was kept.
    """
    ran = [c for c in computations if c.tasks]
    if not ran:
        return None
    start = min(c.start for c in ran)
    duration = max(_end(c) for c in ran) - start
    threads = max((pool_size(group) for group in windows(ran)), default=ran[0].threads)
    rows = _rows(ran)
    rows += _idle(ran, threads - len(rows))
    kept = sum(len(c.tasks) for c in ran)
    boxed = kept <= MOST_BOXES and len(rows) <= MOST_LANES
    prefixes = _prefixes(ran)
    tasks = sum(c.n_tasks for c in computations)
    shown = _gathered(rows)
    most = MOST_BOXES if boxed else MOST_BOXES // len(shown)
    return Lanes(
        start=start,
        duration=duration,
        tasks=tasks,
        missing=max(tasks - kept, 0),
        prefixes=tuple(prefixes)[:MOST_PREFIXES],
        lanes=tuple(
            Lane(
                name=row.name,
                threads=row.threads,
                boxes=tuple(_boxes(row, start, prefixes, most, everything=boxed)),
                busy=() if boxed else _busy(row, start, duration),
            )
            for row in shown
        ),
    )


def critical_keys(c: Computation) -> frozenset[str]:
    """Return the keys of the longest chain; none where it is not known."""
    chain = critical_path(c)
    return frozenset(link.key for link in chain.links) if chain is not None else frozenset()


def _end(c: Computation) -> float:
    return c.stop if c.stop is not None else max(task.stop for task in c.tasks)


def _prefixes(ran: Sequence[Computation]) -> dict[str, int]:
    seconds: defaultdict[str, float] = defaultdict(float)
    for c in ran:
        for task in c.tasks:
            seconds[task.prefix] += task.duration
    ranked = sorted(seconds, key=seconds.__getitem__, reverse=True)
    return {prefix: min(i, MOST_PREFIXES) for i, prefix in enumerate(ranked)}


def _rows(ran: Sequence[Computation]) -> list[_Row]:
    """Give each thread a row; on local schedulers, one that is free again."""
    rows: dict[str, list[_Row]] = {}
    taken: dict[tuple[str, str, int], _Row] = {}
    for c in sorted(ran, key=lambda c: c.start):
        chain = critical_keys(c)
        for task in c.tasks:
            if (row := taken.get((c.scheduler, task.worker, task.thread))) is not None:
                row.free = _end(c)  # before others look for a free one
        for task in sorted(c.tasks, key=lambda task: task.start):
            thread = (c.scheduler, task.worker, task.thread)
            if thread not in taken:
                taken[thread] = _free(rows.setdefault(c.scheduler, []), c, task.worker)
                taken[thread].free = _end(c)
            taken[thread].tasks.append((task, task.key in chain))
    flat = [row for group in rows.values() for row in group]
    return sorted(flat, key=lambda row: row.worker)  # local ones have none, and stay in order


def _free(rows: list[_Row], c: Computation, worker: str) -> _Row:
    if c.scheduler not in _NAMES:
        others = sum(row.worker == worker for row in rows)
        name = worker.rpartition("://")[2]
        rows.append(_Row(f"{name} #{others + 1}" if others else name, worker, 0.0))
        return rows[-1]
    for row in rows:
        if row.free <= c.start:
            return row
    rows.append(_Row(f"{_NAMES[c.scheduler]} {len(rows) + 1}", "", 0.0))
    return rows[-1]


def _idle(ran: Sequence[Computation], count: int) -> list[_Row]:
    """Rows of threads that ran nothing: that they were there is the point."""
    if count > MOST_IDLE:
        return [_Row(f"{count} more threads", "", 0.0, count)]
    kinds = {_NAMES.get(c.scheduler, "thread") for c in ran}
    kind = kinds.pop() if len(kinds) == 1 else "thread"
    return [_Row(f"another {kind}", "", 0.0) for _ in range(count)]


def _gathered(rows: list[_Row]) -> list[_Row]:
    if len(rows) <= MOST_LANES:
        return rows
    workers: dict[str, list[_Row]] = {}
    for row in rows:
        workers.setdefault(row.worker or row.name, []).append(row)
    groups = list(workers.values())
    if len(groups) <= MOST_LANES:
        return [_joined(group, group[0].name) for group in groups]
    size = -(-len(groups) // MOST_LANES)
    joined = []
    for i in range(0, len(groups), size):
        bundle = groups[i : i + size]
        name = f"{bundle[0][0].name} and {len(bundle) - 1} more"
        joined.append(_joined([row for group in bundle for row in group], name))
    return joined


def _joined(rows: Sequence[_Row], name: str) -> _Row:
    tasks = [task for row in rows for task in row.tasks]
    return _Row(name, rows[0].worker, 0.0, sum(row.threads for row in rows), tasks)


def _boxes(
    row: _Row, start: float, prefixes: Mapping[str, int], most: int, *, everything: bool
) -> Iterator[Box]:
    chosen = [(task, critical) for task, critical in row.tasks if everything or critical]
    longest = sorted(chosen, key=lambda item: item[0].duration)[-most:]
    for task, critical in sorted(longest, key=lambda item: item[0].start):
        yield Box(
            key=task.key,
            prefix=prefixes[task.prefix],
            start=task.start - start,
            duration=task.duration,
            critical=critical,
            erred=task.status == "erred",
        )


def _busy(row: _Row, start: float, duration: float) -> tuple[float, ...]:
    width = duration / BINS or 1.0
    seconds = [0.0] * BINS
    for task, _ in row.tasks:
        first = min(max(int((task.start - start) / width), 0), BINS - 1)
        last = min(max(int((task.stop - start) / width), 0), BINS - 1)
        for i in range(first, last + 1):
            left, right = start + i * width, start + (i + 1) * width
            seconds[i] += max(min(task.stop, right) - max(task.start, left), 0.0)
    return tuple(min(one / (width * row.threads), 1.0) for one in seconds)

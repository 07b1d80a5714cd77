"""Runs in the kernel: tasks whose results nobody takes in, as another failed or the user stops.

Those of threads are seen at work. Processes tell nothing until a job is done: their jobs began
when they were sent or, the first ones, when there were processes, as tasks that are back tell.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from dask_lens.observe import stamps

if TYPE_CHECKING:
    from dask_lens.observe.local_computation import LocalComputation


def take_in(computation: LocalComputation, values: dict[str, Any]) -> None:
    """Take in what ended unseen, and what is at work as if it ended now.

    Parameters
    ----------
    computation
        The one that fails.
    values
        The variables of ``dask.local.get_async``.
    """
    if computation.crowd is not None or not computation.exact:
        return
    if computation.in_threads:
        for key, stamp in _in_threads(computation, values):
            computation.kept.add(key, stamp)
    elif computation.scheduler == "processes":
        _take_in_jobs(computation)


def _in_threads(
    computation: LocalComputation, values: dict[str, Any]
) -> Iterator[tuple[Any, stamps.Stamp]]:
    running = set(values["state"].get("running", ()))
    if computation.erred is not None:
        running.discard(computation.erred[0])
    for key, stamp in _ended(values["queue"].queue):
        running.discard(key)
        yield key, stamp
    order, now = computation.order, time.time()
    rest = sorted(running & order.keys(), key=order.__getitem__)  # as they were sent
    at_work = sorted(
        (lane.start, ident)
        for ident, lane in list(stamps.lanes.items())
        if lane.start is not None and lane.start >= computation.start
    )
    for key, (start, ident) in zip(rest, at_work, strict=False):
        # Another thread's CPU time is not asked for: that crashes where the thread has ended.
        yield key, stamps.Stamp((None, ident, start, now, None, 0.0, None))


def _ended(futures: Iterable[Any]) -> Iterator[tuple[Any, stamps.Stamp]]:
    for future in list(futures):
        if future.done() and future.exception() is None:
            for key, result, failed in future.result():
                if not failed and type(result) is tuple and type(result[-1]) is stamps.Stamp:
                    yield key, result[-1]


def _take_in_jobs(computation: LocalComputation) -> None:
    """Take each job in as one task; where no process has told of any, only count them."""
    erred = [] if computation.erred is None else [computation.erred]
    jobs = computation.jobs.out(erred[0][0] if erred else None)
    told = [stamp for _, stamp in (*computation.kept.between(0, len(computation.kept)), *erred)]
    if not told:
        computation.untold = len(jobs)
        return
    there, now = min(stamp[2] - stamp[5] for stamp in told), time.time()
    free: dict[int, float] = {}
    for stamp in told:
        free[stamp[6]] = max(free.get(stamp[6], 0.0), stamp[3])
    for _, stamp in erred:  # it is not at work any more
        free.pop(stamp[6], None)
    idle = sorted((stop, process) for process, stop in free.items())
    idle = [(there, -i) for i in range(1, len(jobs) - len(idle) + 1)] + idle
    for (key, sent), (stop, process) in zip(jobs, idle, strict=False):
        start = min(max(sent, stop, there), now)
        stamp = stamps.Stamp((None, 0, start, now, None, 0.0, process, None, 0.0, None))
        computation.cut.append((key, stamp))

"""What many tasks cost: handling each of them, making their graph, handing them out.

One computation has one of these troubles at most: all of them end when there are fewer tasks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dask_lens.metrics.change import Change
from dask_lens.metrics.losses import budget
from dask_lens.metrics.whatif import predict
from dask_lens.record.computation import Computation
from dask_lens.record.run import Run
from dask_lens.rule import Fix, Settings
from dask_lens.rules._chunked import COSTS, held_up, median, overhead

#: Thresholds of three rules: of a computation whose tasks are tiny, of one whose graph is too
#: large, and of one whose scheduler is the limit.
TINY = {**COSTS, "least_overhead": 0.5}
TOO_LARGE = {"least_tasks": 2000, "least_before": 0.2, "least_share": 0.2, "most_each": 0.005}
BOUND = {"least_tasks": 300, "least_idle": 0.3, "least_rate": 100, "least_lost": 0.1}

#: Bytes of a graph for each of its tasks, from which on it is large because of its data.
_EACH = 20_000

#: Seconds that a task should take to be worth its handling.
_WORTH = 0.1


@dataclass(frozen=True)
class Many:
    """A computation of many tasks.

    Parameters
    ----------
    computation
        The computation, which is over.
    median
        Seconds of a median task.
    before
        Seconds from the call to the first task.
    span
        Seconds from the first task to the last result.
    idle
        Share of the threads' time since the first task in which they were idle although tasks
        were ready; 0 where that is not known.
    is_else
        Whether the tasks are tiny, or the graph is large because of the data in it: other rules
        say so.
    """

    computation: Computation
    median: float
    before: float
    span: float
    idle: float
    is_else: bool

    def is_too_large(self, settings: Settings = TOO_LARGE) -> bool:
        """Whether much of the time went by before the first task ran, and no other reason."""
        n_tasks = self.computation.n_tasks
        if self.is_else or n_tasks < settings["least_tasks"]:
            return False
        least = max(settings["least_before"], settings["least_share"] * (self.before + self.span))
        return bool(least <= self.before <= settings["most_each"] * n_tasks)

    def is_bound(self, settings: Settings = BOUND) -> bool:
        """Whether the scheduler handed tasks out more slowly than threads took them."""
        if self.is_else or self.is_too_large():
            return False
        least = max(settings["least_tasks"], settings["least_rate"] * self.span)
        many = self.computation.n_tasks >= least
        lost = self.idle * self.span
        return bool(
            many and self.idle >= settings["least_idle"] and lost >= settings["least_lost"]
        )


def many(run: Run) -> Iterator[Many]:
    """Yield the computations of a run that may have too many tasks.

    Parameters
    ----------
    run
        What happened.
    """
    for c in run.computations:
        if c.status != "finished" or c.stop is None or not c.tasks:
            continue
        first = min(task.start for task in c.tasks)
        begun = first if _is_alone(run, c, first) else c.start
        yield Many(
            computation=c,
            median=median(c),
            before=max(begun - c.begin, 0.0),
            span=c.stop - first,
            idle=_idle(c, first, c.stop - first),
            is_else=_is_else(run, c),
        )


def fewer(c: Computation, median: float) -> Fix:
    """Return what to propose: so many tasks made one that each is worth its handling.

    Parameters
    ----------
    c
        What ran.
    median
        Seconds of a median task of it.
    """
    most = max(c.n_tasks // (4 * max(c.threads, 1)), 2)
    size = min(most, max(round(_WORTH / max(median, 1e-6)), 2))
    predicted = predict(c, Change(batched=size))
    return Fix("make-fewer-tasks", arguments={"size": size}, estimate=predicted)


def _is_else(run: Run, c: Computation) -> bool:
    if overhead(c, TINY) is not None or held_up(run, c) is not None:
        return True
    warned = [
        call.facts["nbytes"]
        for call in run.calls
        if call.place == c.place and call.facts.get("kind") == "large-graph"
    ]
    return any(nbytes > _EACH * c.n_tasks for nbytes in warned)


def _is_alone(run: Run, c: Computation, first: float) -> bool:
    """Whether its first task waited for nothing but its own graph."""
    others = (o for o in run.computations if o is not c and o.start < first)
    busy = any(o.stop is None or o.stop > c.begin for o in others)
    return not busy and all(w.joined is None or w.joined <= c.begin for w in c.workers)


def _idle(c: Computation, first: float, span: float) -> float:
    if c.scheduler != "distributed" or c.threads <= 1 or span <= 0:
        return 0.0
    spent = budget([c]) if c.n_tasks >= BOUND["least_tasks"] else None
    if spent is None:
        return 0.0
    # What went by before the first task is no matter of handing out.
    ready = min((task.ready for task in c.tasks if task.ready is not None), default=c.start)
    before = max(first - max(ready, c.start), 0.0) * c.threads
    return max(spent.scheduling - before, 0.0) / (span * c.threads)

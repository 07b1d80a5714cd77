"""Tasks that were submitted because others had ended: who waits for a result before the next."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from dask_lens.metrics.once import once
from dask_lens.metrics.ready import ran
from dask_lens.record.computation import Computation
from dask_lens.record.task import Task

#: Seconds between two submits, from which on the client did something else in between.
_PAUSE = 0.002

#: Seconds, and share of the pause, in which a client that was told of a result submits the next.
_REACTION, _SHARE = 0.03, 0.5

#: Share of a computation for which submits may go on with no task's end as their reason.
_MOST_ALONE = 0.05


@dataclass(frozen=True)
class Submitted:
    """Why tasks came when they did.

    Parameters
    ----------
    after
        For each task the one whose end it was submitted upon, or None.
    alone
        Seconds until the last task that came late for no end of another.
    """

    after: tuple[int | None, ...]
    alone: float

    def is_known(self, seconds: float) -> bool:
        """Tell whether it is known, in so long a computation, when tasks could have come."""
        return self.alone <= _MOST_ALONE * seconds


@once
def submitted_in(c: Computation) -> Submitted:
    """Tell of the tasks of a computation, by the keys of its graph, upon which end they came."""
    edges = c.graph.dependencies if c.graph is not None else ()
    return submitted(ran(c), edges, c.start)


def submitted(
    tasks: Sequence[Task | None], dependencies: Sequence[Sequence[int]], start: float
) -> Submitted:
    """Tell which tasks were submitted upon the end of another one.

    Parameters
    ----------
    tasks
        The tasks, and None for one that did not run.
    dependencies
        Those that each waits for.
    start
        When the first could have come.
    """
    after: list[int | None] = [None] * len(tasks)
    came = sorted((t.ready, i) for i, t in enumerate(tasks) if t and t.ready is not None)
    ended = sorted((t.stop, i) for i, t in enumerate(tasks) if t)
    stops = [stop for stop, _ in ended]
    before, alone = came[0][0] if came else start, 0.0
    upon: int | None = None  # the one whose end is the reason of this burst
    for ready, i in came:
        pause, before = ready - before, ready
        waited = max((t.stop for d in dependencies[i] if (t := tasks[d])), default=start)
        if ready - waited <= _PAUSE:
            continue
        if pause > _PAUSE:
            last = bisect_right(stops, ready) - 1
            soon = last >= 0 and ready - stops[last] <= max(_REACTION, _SHARE * pause)
            upon = ended[last][1] if soon else None
            alone = alone if soon else ready - start
        after[i] = upon
    return Submitted(tuple(after), alone)

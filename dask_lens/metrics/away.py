"""Tasks that leave their thread to others while those that they submitted run."""

from __future__ import annotations

from collections.abc import Iterable

from dask_lens.record.computation import Computation


def away(computations: Iterable[Computation]) -> dict[str, list[tuple[float, float]]]:
    """Return, by key, when tasks were not in their threads, though they had not ended.

    A task that submits others through ``worker_client``, or secedes, counts as running until
    it returns. Meanwhile its thread is free for those it waits for.

    Parameters
    ----------
    computations
        All of a cell: nested ones tell which task they are waited for by.
    """
    found: dict[str, list[tuple[float, float]]] = {}
    for c in sorted(computations, key=lambda c: c.start):
        if c.away is None or c.stop is None:
            continue
        times = found.setdefault(c.away, [])
        start, stop = c.start, c.stop
        if 0 < len(c.tasks) == c.n_tasks:  # without the way there, and the news of the end
            start = min(task.start - task.movement for task in c.tasks)
            stop = max(task.stop for task in c.tasks)
        if times and start <= times[-1][1]:
            times[-1] = times[-1][0], max(times[-1][1], stop)
        else:
            times.append((start, stop))
    return found


def seconds_away(computations: Iterable[Computation]) -> float:
    """Return the seconds that tasks were not in their threads."""
    times = away(computations).values()
    return sum(stop - start for one in times for start, stop in one)

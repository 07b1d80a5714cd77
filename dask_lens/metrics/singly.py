"""A replay of tasks that are sent one by one to threads that share nothing, in one loop.

That is what most replays are, and this takes half of the time of :mod:`dask_lens.metrics.lanes`.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush, heapreplace

from dask_lens.metrics.costs import Costs
from dask_lens.metrics.lanes import Lanes


def singly(
    lanes: Lanes,
    tasks: tuple[list[int], list[int], Sequence[Sequence[int]]],
    clock: float,
    most: int,
    costs: Costs,
) -> tuple[float, float, int]:
    """Run all tasks; tell when the scheduler is done, when the last task ends, and how many ran.

    Parameters
    ----------
    lanes
        The threads.
    tasks
        A stack of those that can run, for each task how many it waits for, and those that wait
        for it, the best of them last.
    clock
        When the scheduler begins.
    most
        Tasks that may be sent at the same time.
    costs
        What the scheduler takes.
    """
    ready, waiting, dependents = tasks
    seconds, free, between, slots = lanes.seconds, lanes.free, lanes.between, lanes.slots
    each, half, least = costs.send + costs.send_task, costs.latency / 2, costs.least
    ends: list[tuple[float, int, int, float]] = []
    last, done, number, booted, first = 0.0, 0, 0, lanes.booted, lanes.first
    while True:
        while ready and len(ends) < most:
            task = ready.pop()
            clock += each
            begin = clock + half
            if booted < slots and (not free or free[0] > begin):
                booted += 1
                heappush(free, begin + lanes.boot)
            begin = max(begin, free[0])
            first = min(first, begin)
            stop = begin + seconds[task]
            heapreplace(free, stop + between)
            heappush(ends, (stop, number, task, clock))
            number += 1
        if not ends:
            break
        last, _, task, sent = heappop(ends)
        clock = max(clock, last + half, sent + least)
        done += 1
        for dependent in dependents[task]:
            waiting[dependent] -= 1
            if not waiting[dependent]:
                ready.append(dependent)
    lanes.booted, lanes.first = booted, first
    return clock, last, done

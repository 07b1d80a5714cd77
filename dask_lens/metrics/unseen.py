"""What was not seen of a run and may be otherwise elsewhere: other replays that are as likely.

A prediction is made of what was measured. What was not is replayed both ways, and how far apart
that is belongs to the interval: who holds the GIL, CPU time that was not measured, sizes of data
that nothing told, processors that were idle or that other programs use.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace

from dask_lens.metrics.setup import Setup
from dask_lens.metrics.work import Work

#: Of the processors that the run did not use, what can be counted upon: two of them may be one
#: core, and what else runs here has to run somewhere.
_SURE = 0.7

#: Bytes that a task may make in a CPU second: filling memory, and in Python, an object at a time.
_FILLED, _MADE = 1e9, 0.05e9

#: Bytes per second of what carries them between processes and between workers, both ways.
_CARRIED = 0.4e9

#: What moving data through one process takes may be such parts of what is usual.
_PACES = 0.4, 2.5

#: Programs that want a processor, on average, from which on this machine is busy.
_BUSY = 0.5


def otherwise(work: Work, setup: Setup) -> Iterator[tuple[Work, Setup]]:
    """Give the same tasks as they may be, too, for all that was seen of them, and where."""
    if not work.timed:
        busy = [a + b for a, b in zip(work.off, work.cpu, strict=True)]
        none = [0.0] * len(busy)
        yield work.but(off=busy, cpu=none), setup
        yield work.but(off=none, cpu=busy), setup
    if not work.seen and setup.threads > 1:
        yield work.but(held=0.0), setup
        yield work.but(held=1.0), setup
    if not work.sized and setup.scheduler in ("processes", "distributed"):
        yield work.but(movement=_unsized(work)), setup
    for share in _PACES if work.through else ():
        paced = [share * seconds for seconds in work.movement]
        yield work.but(movement=paced, through=share * work.through), setup
    yield from _busier(work, setup)


def _unsized(work: Work) -> list[float]:
    """Return seconds to move all that tasks can have made in their time on the CPU."""
    held = work.held if work.seen else 0.5
    rate = (1 - held) * _FILLED + held * _MADE
    made = [cpu * rate / _CARRIED for cpu in work.cpu]
    return [sum(made[d] for d in needs) for needs in work.dependencies]


def _busier(work: Work, setup: Setup) -> Iterator[tuple[Work, Setup]]:
    """Give what there is where fewer processors are free than there are."""
    if setup.cores is None:
        return
    others = _others(work)
    ours = min(setup.slots, len(work.keys)) or 1
    free = max(_SURE * setup.cores, min(work.rate, setup.cores))
    if others:
        free = min(free, setup.cores * ours / (ours + others))
        # That made tasks wait which compute, and may be over by then.
        off = [0.0 if on > wait / 9 else wait for on, wait in zip(work.cpu, work.off, strict=True)]
        yield work.but(off=off), setup
    if free < min(ours, setup.cores):
        yield work, replace(setup, cores=free)


def crowding(work: Work, setup: Setup) -> float:
    """Return the share by which what a scheduler takes may be longer as others compute, too."""
    return _others(work) / setup.cores if setup.cores else 0.0


def behind(work: Work, setup: Setup) -> float:
    """Return the seconds that a cluster's last task may wait behind another, with a thread free.

    Workers are sent a task more than they have threads, and keep it. Of threads that end their
    tasks at the same time, those of one worker are all told of first.
    """
    count = len(work.keys)
    several = setup.scheduler == "distributed" and min(setup.workers, setup.threads_per_worker) > 1
    return work.busy / count if several and count > setup.slots else 0.0


def _others(work: Work) -> float:
    others = _load() - work.rate
    return others if others > _BUSY else 0.0


def _load() -> float:
    """Return how many programs wanted a processor in the last minute, on average."""
    try:
        return os.getloadavg()[0]
    except (AttributeError, OSError):  # Windows does not tell
        return 0.0

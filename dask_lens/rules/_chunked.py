"""Chunks and partitions of a computation, and the calls that made them so."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dask_lens.metrics.once import once
from dask_lens.record.cell import Place
from dask_lens.record.computation import Computation
from dask_lens.record.run import Run
from dask_lens.record.task import Task

#: Bytes of a chunk: "rarely below 100 MB", says the documentation; below this it is small.
SMALL = 1_000_000
#: Chunks that are looked at: fewer are handled in a moment.
_MANY = 500
#: Share of a computation's tasks, from which on its chunks account for them.
_SHARE = 0.1
#: One in so many tasks of a kind is taken to have run undisturbed.
_QUICK = 10
#: Bytes of the chunks that Dask makes by itself (``array.chunk-size``).
AUTO = 128 * 2**20

_FRAMES = ("dask.dataframe.", "dask_expr.")
_ASKS = ("dask.compute", "dask.persist", "distributed.Client.compute")
_ASKED = (*_ASKS, "distributed.Client.persist")


#: What is taken to be held up by small pieces, unless told otherwise: tasks of one computation, as
#: fewer are handled in a moment; seconds of a median task, from which on handling it is a small
#: part; the share of the time that is not the tasks', as if they had run one after another, and
#: each task holds some handling, too; and seconds, as less is not worth a word.
COSTS = {"least_tasks": 1000, "most_median": 0.01, "least_overhead": 0.25, "least_lost": 0.1}


@dataclass(frozen=True)
class Pieces:
    """Pieces of a collection.

    Parameters
    ----------
    what
        ``"chunks"`` or ``"partitions"``.
    count
        How many there are.
    largest
        Bytes of the largest; None where not known.
    nbytes
        Bytes of all; None where not known.
    chunks
        Elements of the largest chunk along each dimension; empty where not known.
    """

    what: str
    count: int
    largest: int | None = None
    nbytes: int | None = None
    chunks: tuple[int, ...] = ()

    def __str__(self) -> str:
        size = f" of {readable(self.largest)}" if self.largest is not None else ""
        return f"{self.count or ''} {self.what}{size}".strip()


def overhead(
    computation: Computation, settings: Mapping[str, Any], *, even: bool = False
) -> dict[str, float] | None:
    """Return what handling many short tasks took; None where the work took longer.

    Threads that wait for the interpreter's lock while others are handled seem to be at work. So
    a short task counts as long as the quick ones of its kind took.

    Parameters
    ----------
    computation
        What ran.
    settings
        ``least_tasks``, ``most_median``, ``least_overhead`` and ``least_lost``.
    even
        Whether the tasks of a kind work on pieces of one size: one that is long was interrupted.
    """
    if computation.status != "finished" or computation.stop is None or not computation.tasks:
        return None
    if computation.n_tasks <= settings["least_tasks"]:
        return None
    middle = median(computation)
    if middle >= settings["most_median"]:
        return None
    wall = computation.stop - computation.start
    work = min(computation.busy, _work(computation, settings["most_median"], even=even))
    lost = wall - work
    if lost < max(settings["least_lost"], settings["least_overhead"] * wall):
        return None
    return {"median": middle, "wall": wall, "busy": work, "lost": lost}


@once
def median(c: Computation) -> float:
    """Return the seconds of a median task of a computation."""
    return statistics.median([task.stop - task.start for task in c.tasks])


def _work(computation: Computation, short: float, *, even: bool) -> float:
    kinds: dict[str, list[Task]] = {}
    for task in computation.tasks:
        kinds.setdefault(task.prefix, []).append(task)
    kept = 0.0
    for tasks in kinds.values():
        quick = sorted(task.duration for task in tasks)[len(tasks) // _QUICK]
        most = math.inf if even and len(tasks) >= _MANY else short
        kept += sum(_worked(task, quick, most) for task in tasks)
    return kept * computation.n_tasks / len(computation.tasks)


def _worked(task: Task, quick: float, short: float) -> float:
    """Return the seconds that a task would have taken by itself."""
    if task.duration >= short:
        return task.duration
    return min(task.duration, max(quick, task.cpu or 0.0))


def held_up(
    run: Run, computation: Computation, settings: Mapping[str, Any] = COSTS
) -> tuple[Pieces, dict[str, float]] | None:
    """Return the small pieces that held a computation up, and what that took; None where not.

    Parameters
    ----------
    run
        What happened.
    computation
        One of its computations.
    settings
        As for :func:`overhead`.
    """
    cost = overhead(computation, settings, even=True)
    found = small_pieces(run, computation) if cost is not None else None
    return (found, cost) if found is not None and cost is not None else None


def small_pieces(run: Run, computation: Computation) -> Pieces | None:
    """Return the small chunks or partitions that a computation's many tasks come from.

    Parameters
    ----------
    run
        What happened.
    computation
        One of its computations.
    """
    facts = asked(run, computation.place)
    found = pieces(facts.get("finest"))
    least = max(_MANY, _SHARE * computation.n_tasks)
    if found is not None and found.largest is not None:
        return found if found.count >= least and found.largest < SMALL else None
    kinds = [str(entry.get("type")) for entry in facts.get("collections", ())]
    if not kinds or not all(kind.startswith(_FRAMES) for kind in kinds):
        return None
    [(prefix, count), *_] = Counter(task.prefix for task in computation.tasks).most_common(1)
    sizes = [t.nbytes for t in computation.tasks if t.prefix == prefix and t.nbytes is not None]
    largest = max(sizes, default=None)
    if count < least or (largest is not None and largest >= SMALL):
        return None
    return Pieces("partitions", count, largest, sum(sizes) if sizes else None)


def asked(run: Run, place: Place | None) -> Mapping[str, Any]:
    """Return what was known of a computation when it was asked for, by its line."""
    for call in run.calls:
        at = call.place
        if place is None or at is None or call.name not in _ASKED:
            continue
        if (at.cell, at.line) == (place.cell, place.line):
            return call.facts
    return {}


def pieces(facts: Mapping[str, Any] | None) -> Pieces | None:
    """Return the chunks that were told of an array."""
    if not facts or "largest" not in facts:
        return None
    sides = tuple(facts["chunks"])
    return Pieces("chunks", facts["npartitions"], facts["largest"], facts["nbytes"], sides)


def fitting(nbytes: int | None, count: int) -> int | None:
    """Return the bytes of each of ``count`` pieces; None where Dask's own choice is as good.

    Parameters
    ----------
    nbytes
        Bytes of all of it; None where not known.
    count
        How many pieces there should be at least.
    """
    if nbytes is None or nbytes >= count * AUTO:
        return None
    return max(SMALL, nbytes // count)


def readable(nbytes: float) -> str:
    """Return a number of bytes in words."""
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if nbytes >= size:
            return f"{nbytes / size:.3g} {unit}"
    return f"{nbytes:.0f} bytes"

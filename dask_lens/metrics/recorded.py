"""All that a cell ran, made ready to be replayed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from weakref import ref

from dask_lens.metrics.calibration import MOST_OFF, Calibrated, calibrate
from dask_lens.metrics.joined import join, windows
from dask_lens.record.computation import Computation
from dask_lens.record.run import NotJudged, Run

#: How many answers are kept for the next change that is asked about, and of how many tasks.
_KEPT, _MOST_TASKS = 8, 200_000

#: Seconds in which a cluster hands the results of a call over.
_HANDED_OVER = 0.01

#: What was calibrated last; the computations themselves are not kept by it.
_known: list[tuple[tuple[ref[Computation], ...], tuple[Calibrated, ...] | NotJudged]] = []


def calibrated(
    what: Run | Computation | Iterable[Computation],
) -> tuple[Calibrated, ...] | NotJudged:
    """Make what ran ready to be replayed, or say why it cannot be.

    Parameters
    ----------
    what
        What ran: a cell, one computation or several.
    """
    if isinstance(what, Computation):
        what = (what,)
    computations = tuple(what.computations if isinstance(what, Run) else what)
    ran = [c for c in computations if c.n_tasks or c.stop is None]
    if not ran:
        return NotJudged("whatif", "nothing was computed")
    if any(c.stop is None for c in ran):
        return NotJudged("whatif", "a computation is still under way")
    made = next((made for they, made in _known if _same(they, ran)), None)
    if made is None:
        made = _calibrated(ran)
        kept = [*_known[1 - _KEPT :], (tuple(map(ref, ran)), made)]
        while len(kept) > 1 and sum(_tasks(they) for they, _ in kept) > _MOST_TASKS:
            del kept[0]
        _known[:] = kept
    return made


def _same(they: Sequence[ref[Computation]], ran: Sequence[Computation]) -> bool:
    return len(they) == len(ran) and all(a() is b for a, b in zip(they, ran, strict=True))


def _tasks(they: Sequence[ref[Computation]]) -> int:
    return sum(_MOST_TASKS if (c := there()) is None else c.n_tasks for there in they)


def _calibrated(ran: Sequence[Computation]) -> tuple[Calibrated, ...] | NotJudged:
    parts = []
    for group in windows(ran):
        part = calibrate(join(group))
        if isinstance(part, NotJudged):
            return part
        parts.append(part)
    wrong = off(parts)
    if abs(wrong) > MOST_OFF:
        how = "long" if wrong > 0 else "short"
        reason = f"a replay of what ran is {abs(wrong):.0%} too {how}"
        return NotJudged("whatif", reason)
    return tuple(parts)


def off(ran: Sequence[Calibrated]) -> float:
    """Return the share by which replays of what ran are too long."""
    seconds = sum(part.seconds for part in ran)
    return sum(part.timing.result for part in ran) / seconds - 1 if seconds > 0 else 0.0


def between(ran: Sequence[Calibrated]) -> tuple[float, float]:
    """Return seconds between the calls, and how many of them are likely to be Dask's own.

    A cluster's call hands its results over after the last one is there, each time; the rest is
    the user's Python.
    """
    pauses = [
        max(after.begin - before.stop - (before.timing.total - before.timing.result), 0.0)
        for before, after in pairwise(ran)
    ]
    clusters = any(part.setup.scheduler == "distributed" for part in ran)
    return sum(pauses), sum(min(p, _HANDED_OVER) for p in pauses) if clusters else 0.0

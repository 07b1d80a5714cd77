"""All that a cell ran, made ready to be replayed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from dask_lens.metrics.calibration import MOST_OFF, Calibrated, calibrate
from dask_lens.metrics.joined import join, windows
from dask_lens.record.computation import Computation
from dask_lens.record.run import NotJudged, Run


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


def between(ran: Sequence[Calibrated]) -> float:
    """Return seconds of Python between the calls."""
    seconds = 0.0
    for before, after in pairwise(ran):
        ended = before.computation.stop or before.computation.start
        closing = before.timing.total - before.timing.result
        seconds += max(after.computation.start - ended - closing, 0.0)
    return seconds

"""Costs of the kinds we know, so much higher or lower that a replay takes as long as what ran."""

from __future__ import annotations

from collections.abc import Callable

from dask_lens.metrics.timing import Timing

#: Share from which on a replay is brought nearer.
CLOSE = 0.03

#: Replays to find the multiple of the costs, and between which multiples a run's own are believed.
STEPS, _LEAST, _MOST = 4, 0.2, 5.0


def fitted(
    again: Callable[[float], Timing],
    other: tuple[float, Timing],
    one: tuple[float, Timing],
    span: float,
    steps: int,
) -> tuple[float, Timing]:
    """Return the multiple with which a replay takes as long as what ran, and that replay."""
    for _ in range(steps):
        (share, timing), (before, earlier) = one, other
        slope = (timing.span - earlier.span) / (share - before) if share != before else 0.0
        if slope <= 0 or abs(timing.span - span) <= CLOSE * span:
            break
        share += (span - timing.span) / slope
        share = min(max(share, _LEAST), _MOST)
        other, one = one, (share, again(share))
    return one

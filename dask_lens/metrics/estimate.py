"""A predicted number of seconds, with how far to trust it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Estimate:
    """Seconds that a computation would take after a change.

    Parameters
    ----------
    low, mid, high
        Seconds; ``mid`` is the median, ``low`` to ``high`` an interval around it.
    """

    low: float
    mid: float
    high: float

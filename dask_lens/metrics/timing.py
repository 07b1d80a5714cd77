"""How long a replay took."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Timing:
    """How long a replay took, in seconds from the call.

    Parameters
    ----------
    first, last
        When the first task began, and when the last ended.
    result
        When the last result was there.
    total
        When the call returned: processes have ended.
    booting
        Processes that were started for the first tasks.
    """

    first: float
    last: float
    result: float
    total: float
    booting: int = 0

    @property
    def span(self) -> float:
        """Seconds from the first task to the end of the last."""
        return self.last - self.first

    def moved(self, first: float) -> Timing:
        """Return the same with the first task beginning then."""
        by = first - self.first
        return replace(
            self, first=first, last=self.last + by, result=self.result + by, total=self.total + by
        )

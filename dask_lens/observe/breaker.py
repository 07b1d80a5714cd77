"""Runs in the kernel: turns a part of the observer off when it breaks, and says so once."""

from __future__ import annotations

import logging

from dask_lens.record.run import NotJudged

logger = logging.getLogger("dask_lens")


class Breaker:
    """Which parts of the observer are broken, and why.

    A part asks :meth:`works` before it looks at anything and tells :meth:`trip` when looking
    failed. From then on it is off until :meth:`reset`.
    """

    def __init__(self) -> None:
        self._reasons: dict[str, str] = {}

    def works(self, part: str) -> bool:
        """Whether ``part`` is still on."""
        return part not in self._reasons

    def trip(self, part: str, error: BaseException) -> None:
        """Turn ``part`` off because of ``error``; the first time is logged."""
        if part not in self._reasons:
            self._reasons[part] = (
                f"observing {part} was turned off after an error of dask_lens itself "
                f"({type(error).__name__}); %reload_ext dask_lens turns it on again"
            )
            logger.warning(
                "dask_lens: observing %s failed and is turned off; your code is not affected. "
                "%%reload_ext dask_lens turns it on again.",
                part,
                exc_info=error,
            )

    def not_judged(self) -> tuple[NotJudged, ...]:
        """One entry for each part that is off."""
        return tuple(
            NotJudged(f"observe-{part}", reason) for part, reason in self._reasons.items()
        )

    def reset(self) -> None:
        """Turn everything on again."""
        self._reasons.clear()

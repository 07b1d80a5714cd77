"""Runs on a distributed scheduler, sent there by value: many things taken in together, soon.

What runs between the many things that a scheduler does for a task finds nothing of its own in
the processor's caches any more, and takes several times as long as in one go.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

#: Things that are taken in together, and seconds after which they are, however few.
MANY, SOON = 500, 0.02


class Later:
    """Keeps things for a moment, in their order."""

    def __init__(self) -> None:
        self._kept: list[tuple[Callable[..., None], tuple[Any, ...]]] = []
        self._timer: asyncio.TimerHandle | None = None

    def put(self, take: Callable[..., None], *one: Any) -> None:
        """Keep one, which is soon taken in by what is told."""
        self._kept.append((take, one))
        if self._timer is None:
            try:
                self._timer = asyncio.get_running_loop().call_later(SOON, self._is_time)
            except RuntimeError:  # no event loop, where a scheduler is simulated
                self.settle()
        elif len(self._kept) >= MANY:
            self.settle()

    def _is_time(self) -> None:
        self._timer = None
        self.settle()

    def settle(self) -> None:
        """Take all in now."""
        kept, self._kept = self._kept, []
        for take, one in kept:
            take(*one)

    def clear(self) -> None:
        """Forget all."""
        self._kept.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

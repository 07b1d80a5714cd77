"""Runs in pool threads and in the worker processes of local pools: what one thread is at.

Standard library only.
"""

from __future__ import annotations

from collections.abc import Callable
from time import thread_time, time
from typing import Any

#: Seconds within which a thread cannot have waited: going to sleep and waking up takes longer.
#: Asking the clock of the thread's CPU time does not pay for shorter tasks.
BRIEF = 1e-5
#: Seconds for which what a thread's CPU time was is worth something, and when it was never asked.
FRESH = 2.5e-4
NEVER = float("-inf")


class Lane:
    """What one thread is at, with a scheduler that shares memory.

    To ask for a thread's CPU time takes as long as a small task. So it is not asked for after
    tasks too brief to have waited, nor before a task where the last answer is fresh: then the
    CPU time of the task is known up to the time in between, and taken for the middle.
    """

    __slots__ = ("asked", "cpu", "keep", "start")

    def __init__(self) -> None:
        #: When the task under way began; None where none is.
        self.start: float | None = None
        #: The thread's CPU time, and when it was asked for.
        self.cpu = 0.0
        self.asked = NEVER
        #: Keeps stamps, where they come in the order of the results.
        self.keep: Callable[[Any], None] | None = None

    def set_aside(self) -> tuple[Any, ...]:
        """Return how it is, and be as if nothing were under way."""
        aside = self.start, self.cpu, self.asked, self.keep
        self.start = self.keep = None
        return aside

    def resume(self, aside: tuple[Any, ...]) -> None:
        """Be as it was."""
        self.start, self.cpu, self.asked, self.keep = aside

    def spent(self, start: float, stop: float) -> float:
        """Return the CPU time of the task that ends."""
        now, before = thread_time() - self.cpu, start - self.asked
        self.asked = NEVER  # one that is not brief may well be followed by another
        if before <= 0:
            return now
        return (max(now - before, 0.0) + min(now, stop - start)) / 2

    def end(self) -> tuple[float, float, float] | None:
        """Return start, stop and CPU time of the task that ends; None where there is none."""
        start, self.start = self.start, None
        if start is None:
            return None
        stop = time()
        return start, stop, min(self.spent(start, stop), stop - start)

"""Tasks to be replayed: what they take alone, and what they wait for."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Work:
    """Tasks to be replayed, in the scheduler's order of priority.

    Parameters
    ----------
    dependencies
        For each task, those it waits for.
    prefixes
        Its key prefix: tasks of one prefix stand in for each other in resampling.
    off, cpu
        Its seconds off and on the CPU, alone.
    movement
        Seconds before it, on transfer and (de)serialisation.
    nbytes
        Size of its result; 0 where unknown.
    given
        Size of what it is sent besides results of other tasks; 0 where unknown.
    through
        Seconds in which the calling process moves data itself, one task after another.
    held
        Share of the CPU seconds in which the GIL is held.
    timed
        Whether CPU time was measured.
    seen
        Whether ``held`` was: tasks computed side by side in one process.
    sized
        Whether ``nbytes`` and ``given`` are known.
    rate
        CPU seconds in each second in which tasks computed.
    """

    keys: list[str] = field(default_factory=list)
    dependencies: list[Sequence[int]] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    off: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    movement: list[float] = field(default_factory=list)
    nbytes: list[int] = field(default_factory=list)
    given: list[int] = field(default_factory=list)
    through: float = 0.0
    held: float = 1.0
    timed: bool = True
    seen: bool = True
    sized: bool = True
    rate: float = 0.0
    _shape: tuple[list[Sequence[int]], list[list[int]]] | None = field(
        default=None, init=False, repr=False, compare=False
    )

    @property
    def dependents(self) -> list[list[int]]:
        """For each task, those that wait for it."""
        if self._shape is None or self._shape[0] is not self.dependencies:
            made: list[list[int]] = [[] for _ in self.dependencies]
            for task, needs in enumerate(self.dependencies):
                for need in needs:
                    made[need].append(task)
            for waiting in made:
                waiting.reverse()
            self._shape = self.dependencies, made
        return self._shape[1]

    def but(self, **changes: Any) -> Work:
        """Return the same tasks with some of it otherwise; what follows from the edges is kept."""
        other = copy(self)
        for name, value in changes.items():
            setattr(other, name, value)
        return other

    @property
    def busy(self) -> float:
        """Seconds of all tasks together."""
        return sum(self.off) + sum(self.cpu)

"""The task graph that a scheduler was given."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Graph:
    """Tasks and what each waits for, as the scheduler ran them (culled and fused).

    Data nodes and aliases that cost nothing are left out; edges through them are kept.

    Parameters
    ----------
    keys
        Keys as text, in the scheduler's order of priority (the first runs first).
    dependencies
        For each key, the indices into ``keys`` of the tasks it waits for.
    """

    keys: tuple[str, ...]
    dependencies: tuple[tuple[int, ...], ...]

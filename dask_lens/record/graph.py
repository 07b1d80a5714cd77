"""The task graph that a scheduler was given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from dask_lens.record.cell import Place


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
    places
        Places of calls that put tasks into the graph, each once.
    made_at
        For each key, the index into ``places`` of the call that made it, -1 where that could
        not be told; empty where it could be told of none.
    outside
        Edges from other computations: pairs of a key and the key of a task that it waits for.
    labels
        What layers are called, by key prefix, where more is known than the prefix says.
    """

    keys: tuple[str, ...]
    dependencies: tuple[tuple[int, ...], ...]
    places: tuple[Place, ...] = ()
    made_at: tuple[int, ...] = ()
    outside: tuple[tuple[str, ...], ...] = ()
    labels: dict[str, str] = field(default_factory=dict)

    def place_of(self, index: int) -> Place | None:
        """Return where the task at ``index`` was put into the graph; None where not known."""
        number = self.made_at[index] if index < len(self.made_at) else -1
        return self.places[number] if 0 <= number < len(self.places) else None

    def sinks(self) -> tuple[int, ...]:
        """Return the indices of the tasks that no task waits for: what was asked for."""
        needed = set().union(*self.dependencies)
        return tuple(i for i in range(len(self.keys)) if i not in needed)

    def order(self) -> Sequence[int]:
        """Return indices of tasks so that each comes after all it waits for.

        Tasks that wait for each other in a cycle are left out.
        """
        if all(not needs or max(needs) < i for i, needs in enumerate(self.dependencies)):
            return range(len(self.keys))  # as priorities go, nearly always
        waiting = [len(set(needs)) for needs in self.dependencies]
        dependents = self.dependents()
        ready = [task for task, count in enumerate(waiting) if not count]
        for task in ready:  # grows while it is walked
            for dependent in dependents[task]:
                waiting[dependent] -= 1
                if not waiting[dependent]:
                    ready.append(dependent)
        return ready

    def dependents(self) -> list[Sequence[int]]:
        """Return for each key the indices of the tasks that wait for it."""
        dependents: list[Sequence[int]] = [()] * len(self.keys)
        more: dict[int, list[int]] = {}
        for task, needs in enumerate(self.dependencies):
            for need in needs if len(needs) < 2 else set(needs):  # noqa: PLR2004 - may repeat
                known = dependents[need]
                if not known:  # one is the rule, and a list for each would take its time
                    dependents[need] = (task,)
                elif need in more:
                    more[need].append(task)
                else:
                    dependents[need] = more[need] = [*known, task]
        return dependents

"""Runs in the kernel: puts the calls that a cell makes of Dask together, line by line."""

from __future__ import annotations

import threading
from time import time
from typing import Any

from dask_lens.record.call import ObservedCall
from dask_lens.record.cell import Place

#: Different calls (by name and line) of one cell that are kept.
MOST_NOTES = 500
#: Different entries of one list of facts that are kept.
MOST_ENTRIES = 10
#: Calls from one line that are looked at closely, one by one; of later ones ever fewer.
CLOSELY = 8


class Note:
    """The calls of one function from one line."""

    def __init__(self, name: str, place: Place | None) -> None:
        self.name = name
        self.place = place
        self.first = self.last = time()
        self.count = 0
        self.facts: dict[str, Any] = {}
        self._looks = 0

    def again(self) -> bool:
        """Count one more call; whether to look at it closely."""
        self.last = time()
        self.count += 1
        return is_close(self.count)

    def is_function_due(self) -> bool:
        """Whether a close look is for the function, too, which mostly stays the same."""
        self._looks += 1
        return is_power_of_two(self._looks)

    def add(self, name: str, number: int) -> None:
        """Add to a sum."""
        self.facts[name] = self.facts.get(name, 0) + number

    def set(self, **facts: Any) -> None:
        """Set facts that are the same for all calls, or of which the last one counts."""
        self.facts.update(facts)

    def list(self, name: str, entries: list[dict[str, Any]]) -> None:
        """Keep entries that are not known yet; of like ones, the one with most bytes."""
        kept = self.facts.setdefault(name, []) if entries else []
        for entry in entries:
            like = next((k for k in kept if _identity(k) == _identity(entry)), None)
            if like is None:
                if len(kept) < MOST_ENTRIES:
                    kept.append(entry)
            elif entry.get("nbytes", 0) > like.get("nbytes", 0):
                like.update(entry)

    def call(self) -> ObservedCall:
        """How it stands."""
        return ObservedCall(
            self.name, self.place, self.first, self.last, self.count, dict(self.facts)
        )


def is_close(count: int) -> bool:
    """Whether to look at a call closely, by how many there have been."""
    return count <= CLOSELY or is_power_of_two(count)


def is_power_of_two(count: int) -> bool:
    """Whether a number, from 1 on, is a power of two."""
    return count & (count - 1) == 0


def _identity(entry: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(entry.get(part) for part in ("argument", "name", "type", "where"))


class Notes:
    """The calls of one cell; safe to use from any thread."""

    def __init__(self) -> None:
        self._notes: dict[tuple[str, Place | None], Note] = {}
        self._lock = threading.RLock()  # a finalizer of the user may run inside

    def of(self, name: str, place: Place | None) -> Note | None:
        """Return the note of a name and a line; None where the cell has too many."""
        note = self._notes.get((name, place))
        if note is None:
            with self._lock:
                if len(self._notes) < MOST_NOTES:
                    note = self._notes.setdefault((name, place), Note(name, place))
        return note

    def calls(self) -> tuple[ObservedCall, ...]:
        """Return all, in the order in which each was made first."""
        made = [note.call() for note in list(self._notes.values()) if note.count]
        return tuple(sorted(made, key=lambda call: call.time))

"""Runs on a distributed scheduler, sent there by value: what the kernel has not yet fetched."""

from __future__ import annotations

from collections import deque
from typing import Any

from dask_lens.observe.keys import LENGTH, text

#: About as many bytes as events take that come once for each task, or for each graph.
_SIZES = {"task": 2 * LENGTH, "graph": 2 * LENGTH, "closed": LENGTH // 2}


class Events:
    """A queue with room for so much, read by a cursor that confirms what has arrived.

    Parameters
    ----------
    room
        Events kept; the shape of a graph counts once for each of its tasks.
    """

    def __init__(self, room: int) -> None:
        self.room = room
        self._kept: deque[tuple[Any, ...]] = deque()
        self._first = 0

    def __len__(self) -> int:
        return len(self._kept)

    def put(self, event: tuple[Any, ...]) -> None:
        """Add an event."""
        self._kept.append(event)
        self.room -= _weight(event)

    def page(self, after: int, limit: int) -> dict[str, Any]:
        """Drop what has arrived and return what comes next, at most about ``limit`` bytes of it.

        Parameters
        ----------
        after
            Events that the kernel has.
        limit
            Bytes to stay below.
        """
        while self._kept and self._first < after:
            self.room += _weight(self._kept.popleft())
            self._first += 1
        events: list[Any] = []
        size = 1000
        for event in self._kept:
            readable = _as_text(event)
            size += _SIZES.get(event[0]) or len(str(readable))
            if events and size > limit:
                break
            events.append(readable)
        return {
            "events": events,
            "next": self._first + len(events),
            "more": len(events) < len(self._kept),
        }

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()


def _weight(event: tuple[Any, ...]) -> int:
    return len(event[2]) if event[0] == "shape" else 1


def _as_text(event: tuple[Any, ...]) -> list[Any]:
    """Turn keys into text, which is all that the kernel wants of them."""
    kind = event[0]
    if kind == "shape":
        return [*event[:3], [text(key) for key in event[3]], event[4]]
    if kind == "task" and not isinstance(event[2], int):
        return [kind, event[1], text(event[2]), *event[3:]]
    return list(event)

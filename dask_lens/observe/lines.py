"""Runs in the kernel: calls of delayed functions, noted at the least cost.

A delayed function builds its graph through ``HighLevelGraph.from_collections``. There, a fixed
number of frames below the line that calls it, the name of the new task is known. Such calls come
by the thousand from one line: the name of each is kept, and few are looked at closely.

https://github.com/dask/dask/blob/2026.8.0/dask/delayed.py#L806
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable
from sys import _getframe
from time import time
from types import CodeType, FrameType, MethodType
from typing import Any, Protocol

from dask.highlevelgraph import HighLevelGraph

from dask_lens.observe.notes import CLOSELY, Note, is_close
from dask_lens.observe.places import NOWHERE, Cells, Spot
from dask_lens.observe.tap import MethodTap

#: Calls in the text of one cell that are known, and names of one before they are sorted in.
MOST_LINES = 1_000
MOST_NAMES = 5_000

#: Not ``import dask.delayed``: the package has a function of that name.
delayed = importlib.import_module("dask.delayed")

CALL = delayed.call_function.__code__
LEAF = delayed.DelayedLeaf.__call__.__code__
MANY, ONE = (
    getattr(HighLevelGraph, name).__func__.__code__
    for name in ("from_collections", "_from_collection")  # the first calls the second
)


class Line:
    """A call in the text of a cell, which may run again and again.

    Parameters
    ----------
    code, at
        Where it is in the code that runs.
    spot
        Where it is in the text.
    note
        What is noted of it.
    """

    __slots__ = ("at", "code", "due", "names", "note", "seen", "spot")

    def __init__(self, code: CodeType | None, at: int, spot: Spot, note: Note) -> None:
        self.code = code
        self.at = at
        self.spot = spot
        self.note = note
        #: Names of tasks that are not sorted in yet, and how many are.
        self.names: list[Any] = []
        self.seen = 0
        #: At so many names the call is looked at.
        self.due = 1


#: To compare with, where there is none.
NO_LINE = Line(None, 0, NOWHERE, Note("", None))


class Looks(Protocol):
    """What is wanted to know of calls; none of it raises."""

    def note_of(self, caller: FrameType) -> Note | None:
        """Return the note of a call by the cell that runs; None where it has none."""

    def look(self, note: Note, leaf: FrameType, *, closely: bool) -> bool:
        """Look at what is passed, and return whether any of it is large."""

    def look_once(self, leaf: FrameType) -> None:
        """Look at a call of which no line is known, and count it."""


class Lines:
    """The lines of the cell that runs which call delayed functions.

    Parameters
    ----------
    cells
        Finds the place of a frame.
    other
        Told of graphs of which no line is known here.
    keep
        Told the names that come from a place.
    trip
        Told of errors.
    """

    def __init__(
        self,
        cells: Cells,
        *,
        other: Callable[[FrameType], None],
        keep: Callable[[list[Any], Spot], None],
        trip: Callable[[Exception], None],
    ) -> None:
        self.other = other
        self.looks: Looks | None = None
        self.latest = NO_LINE
        self._cells = cells
        self._keep = keep
        self._trip = trip
        self._known: dict[tuple[int, int], Line] = {}
        self._lock = threading.RLock()  # a finalizer of the user may run inside

    def turn(self) -> None:
        """Begin anew: another cell runs, or none."""
        with self._lock:
            self.sort()
            self._known, self.latest = {}, NO_LINE

    def sort(self) -> None:
        """Sort in what has come."""
        try:
            with self._lock:
                for line in list(self._known.values()):
                    self._sort(line)
        except Exception as error:  # noqa: BLE001 - ours must not become the user's
            self.broken(error)

    def _sort(self, line: Line) -> None:
        names = line.names[:]
        if names:
            del line.names[: len(names)]  # others may have come meanwhile
            line.due -= len(names)
            line.seen += len(names)
            self._keep(names, line.spot)
            line.note.count += len(names)

    def find(self, caller: FrameType, leaf: FrameType) -> Line:
        """Return the line that calls; no line where that is not known."""
        looks = self.looks
        key = id(caller.f_code), caller.f_lasti
        line = self._known.get(key)
        if line is None and looks is not None and leaf.f_code is LEAF:
            direct = self._cells.has(caller.f_code.co_filename) and len(self._known) < MOST_LINES
            note = looks.note_of(caller) if direct else None
            if note is None:
                looks.look_once(leaf)
            else:
                line = Line(caller.f_code, caller.f_lasti, self._cells.spot(caller), note)
                self._known[key] = line
        if line is not None:
            self.latest = line
        return line or NO_LINE

    def look(self, line: Line, leaf: FrameType) -> None:
        """Look at a call, which is due."""
        line.note.last = time()
        with self._lock:
            if len(line.names) >= MOST_NAMES:
                self._sort(line)
            calls = line.seen + len(line.names)
            soon = calls < CLOSELY
            if self.looks is not None and leaf.f_code is LEAF:
                soon |= self.looks.look(line.note, leaf, closely=is_close(calls))
            others = 1 if soon else (1 << calls.bit_length()) - calls  # to a power of two
            line.due = len(line.names) + min(others, MOST_NAMES)

    def broken(self, error: Exception) -> None:
        """Look no more."""
        self.looks = None
        self._known, self.latest = {}, NO_LINE
        self._trip(error)


class GraphTap(MethodTap):
    """Stand-in for ``HighLevelGraph.__init__``.

    Parameters
    ----------
    original
        What it stands in for.
    lines
        Told who makes graphs.
    """

    def __init__(self, original: Any, lines: Lines) -> None:
        super().__init__(original, lines.other)
        self._lines = lines

    def __get__(self, graph: Any, owner: type | None = None) -> Any:
        if graph is None:
            return self.original
        # What is here is done for every call, and every look at a frame is time of the user's.
        lines = self._lines
        made = _getframe(1)
        code = made.f_code
        if code is ONE:
            up = 3
        elif code is MANY:
            up = 2
        else:
            return MethodType(self.original, graph)
        try:
            if _getframe(up).f_code is CALL:
                caller = _getframe(up + 2)
                line = lines.latest
                if line.at != caller.f_lasti or line.code is not caller.f_code:
                    line = lines.find(caller, _getframe(up + 1))
                if line is not NO_LINE:
                    names = line.names
                    names.append(made.f_locals["name"])
                    if len(names) >= line.due:
                        lines.look(line, _getframe(up + 1))
                    return MethodType(self.original, graph)
            lines.other(made)
        except ValueError:  # so few frames there are where a thread begins
            lines.other(made)
        except Exception as error:  # noqa: BLE001 - ours must not become the user's
            lines.broken(error)
        return MethodType(self.original, graph)

"""Runs in the kernel: what Dask itself is asked, before any scheduler is.

``dask.compute`` and ``dask.persist`` look ``get_scheduler`` up when they know what to compute,
and ``dask.config.set`` its own ``_assign``: each is a look at the frame that has the arguments,
directly before the call. Delayed functions are seen when they build their graphs, as there are
so many calls of them: :mod:`dask_lens.observe.lines`.

https://github.com/dask/dask/blob/2026.8.0/dask/base.py#L685
"""

from __future__ import annotations

import contextlib
import weakref
from types import FrameType
from typing import Any

import dask.base
import dask.config

from dask_lens.observe import stamps
from dask_lens.observe.computing import (
    Choice,
    collection_facts,
    layer_names,
    layers_of,
    memory_left,
)
from dask_lens.observe.facts import Facts
from dask_lens.observe.frames import caller_of_dask, is_dask, variables
from dask_lens.observe.local import runs_a_task
from dask_lens.observe.looking import PLAIN, name_of, qualified
from dask_lens.observe.notes import Note
from dask_lens.observe.sites import Sites
from dask_lens.observe.tap import MethodTap, Patches, Tap
from dask_lens.record.cell import Cell

#: Settings that decide who computes, and how.
SETTINGS = frozenset({"scheduler", "chunksize", "pool", "num_workers"})
#: What calls of delayed functions go by.
DELAYED = "dask.delayed"
#: Collections of one call that are described.
MOST_COLLECTIONS = 10

_COMPUTES = {
    function.__code__: name
    for function, name in (
        (dask.base.compute, "dask.compute"),
        (dask.base.persist, "dask.persist"),
        (dask.base.compute_as_if_collection, "dask.compute"),
    )
}


class Asked:
    """The hooks into ``dask.compute``, delayed functions and ``dask.config.set``."""

    def __init__(self, sites: Sites, facts: Facts) -> None:
        self.sites = sites
        self.facts = facts
        self._patches = Patches()
        #: Where the settings now in force were made, with their note.
        self._set: dict[str, tuple[Cell | None, int | None]] = {}
        self._fresh: tuple[Any, Note, dict[str, Any]] | None = None

    def install(self) -> None:
        """Put every hook in place."""
        put = self._patches.put
        put(dask.base, "get_scheduler", Tap(dask.base.get_scheduler, self._before_compute))
        self.sites.journal.made.lines.looks = self
        for name, before in (("_assign", self._before_set), ("__enter__", self._before_enter)):
            put(dask.config.set, name, MethodTap(vars(dask.config.set)[name], before))

    def remove(self) -> None:
        """Put everything back."""
        self._patches.undo()
        self.sites.journal.made.lines.looks = None
        self._fresh = None

    def _before_compute(self, frame: FrameType) -> None:
        name = _COMPUTES.get(frame.f_code)
        if name is not None:
            self.sites.guarded(self._compute, name, frame)

    def _compute(self, name: str, frame: FrameType) -> None:
        caller, entry = caller_of_dask(frame)
        note = self.sites.note(name, caller)
        if note is None or caller is None:
            return
        closely = note.again()
        values = frame.f_locals
        collections = list(values.get("collections") or ())
        note.add("n_collections", len(collections))
        if not closely:
            return
        choice = Choice(values)
        note.set(**choice.facts())
        if choice.configured is not None and "scheduler" in self._set:
            place = self._place_of_setting("scheduler")
            if place is not None:
                note.set(set_at=place)
        asked = _method(entry)
        if asked is not None:
            note.set(asked=asked)
        if runs_a_task() or stamps.here.lane.start is not None:
            note.set(nested=True)
        names = variables(caller)
        entries = [
            {"name": name_of(collection, names), **collection_facts(collection)}
            for collection in collections[:MOST_COLLECTIONS]
        ]
        note.list("collections", entries)
        note.set(**layers_of(collections[:MOST_COLLECTIONS]))
        note.set(layers=layer_names(collections[:MOST_COLLECTIONS]))
        if not choice.client:
            note.set(**memory_left(entries))

    def _place_of_setting(self, setting: str) -> dict[str, int] | None:
        recording = self.sites.journal.running
        cell, line = self._set[setting]
        place = recording.place(cell, line) if recording is not None else None
        return {"cell": place.cell, "line": place.line} if place is not None else None

    # Calls of delayed functions, as Lines finds them

    def note_of(self, caller: FrameType) -> Note | None:
        """Return the note of a call by the cell that runs; None where it has none."""
        note: Note | None = self.sites.guarded(self._note_of, caller)
        return note

    def _note_of(self, caller: FrameType) -> Note | None:
        journal = self.sites.journal
        recording, place = journal.recording_of(caller)
        ours = recording is not None and recording is journal.running
        return recording.notes.of(DELAYED, place) if ours and recording is not None else None

    def look(self, note: Note, leaf: FrameType, *, closely: bool) -> bool:
        """Look at what is passed, and return whether any of it is large."""
        return bool(self.sites.guarded(self._delayed, note, leaf, closely))

    def look_once(self, leaf: FrameType) -> None:
        """Look at a call of which no line is known, and count it."""
        self.sites.guarded(self._delayed_once, leaf)

    def _delayed_once(self, leaf: FrameType) -> None:
        note = self.sites.note(DELAYED, leaf.f_back)
        if note is not None:
            self._delayed(note, leaf, note.again())

    def _delayed(self, note: Note, leaf: FrameType, closely: bool) -> bool:
        caller = leaf.f_back
        values = leaf.f_locals
        args, kwargs = values["args"], values["kwargs"]
        nbytes = self.facts.nbytes((*args, *kwargs.values())) if args or kwargs else 0
        if nbytes:
            note.add("nbytes", nbytes)
        if closely and note.is_function_due():
            function, futures = self.facts.function(values["self"]._obj)  # noqa: SLF001 - Dask's own
            note.set(function=function)
            note.list("futures", futures)
        if closely and caller is not None:
            given = [*((str(n), a) for n, a in enumerate(args)), *kwargs.items()]
            for what, entries in self.facts.arguments(given, caller).items():
                note.list(what, entries)
        return bool(nbytes)

    def _before_set(self, frame: FrameType, setting: Any) -> None:
        if frame.f_code is type(setting).__init__.__code__:
            self.sites.guarded(self._setting, frame, setting)

    def _setting(self, frame: FrameType, setting: Any) -> None:
        values = frame.f_locals
        key, caller = values.get("key"), frame.f_back
        if key not in SETTINGS or caller is None or is_dask(caller):
            return
        note = self.sites.note("dask.config.set", caller)
        if note is None:
            return
        value = values.get("value")
        told = value if type(value) in PLAIN else qualified(type(value))
        note.again()
        note.set(settings={**note.facts.get("settings", {}), key: told}, context=False)
        before = dict(self._set)
        _, cell, line = self.sites.journal.cells.locate(caller)
        self._set[key] = (cell, line)
        if self._fresh is not None and self._fresh[0]() is setting:
            before = self._fresh[2]
        self._fresh = (weakref.ref(setting), note, before)

    def _before_enter(self, _frame: FrameType, setting: Any) -> None:
        fresh = self._fresh
        if fresh is not None and fresh[0]() is setting:
            fresh[1].set(context=True)
            self._set = fresh[2]
            self._fresh = None


def _method(entry: FrameType) -> str | None:
    """Name the method of Dask that computed of its own accord; None where it was asked to."""
    name = entry.f_code.co_name
    if name in ("compute", "persist", "compute_as_if_collection"):
        return None
    with contextlib.suppress(Exception):  # only a nicer name
        owner = entry.f_locals.get("self")
        if owner is not None:
            return f"{type(owner).__name__}.{name}"
    return f"{entry.f_globals.get('__name__')}.{name}"

"""Runs in the kernel: finds the note that a call belongs into, fast for calls in loops."""

from __future__ import annotations

from types import CodeType, FrameType
from typing import Any

from dask_lens.observe.breaker import Breaker
from dask_lens.observe.journal import Journal, Recording
from dask_lens.observe.notes import Note
from dask_lens.record.cell import Place

PART = "calls"
#: Call sites that are remembered.
MOST_SITES = 1_000


class Site:
    """A place from which Dask is called.

    Parameters
    ----------
    code
        What runs there.
    recording, place
        Where its calls belong.
    direct
        Whether a cell's own code calls, with nothing of Dask's in between.
    """

    def __init__(
        self, code: CodeType | None, recording: Recording, place: Place | None, *, direct: bool
    ) -> None:
        self.code = code
        self.recording = recording
        self.place = place
        self.direct = direct
        #: Whether it is known what it makes: see :meth:`.Journal.note_layers`.
        self.is_layered = False
        self._notes: dict[str, Note | None] = {}

    def note(self, name: str) -> Note | None:
        """Return the note of a function; None where too many are called in the cell."""
        if name not in self._notes:
            self._notes[name] = self.recording.notes.of(name, self.place)
        return self._notes[name]


class Sites:
    """Where in the cells Dask is called.

    Parameters
    ----------
    journal
        Knows the cells.
    breaker
        Told when looking fails.
    """

    def __init__(self, journal: Journal, breaker: Breaker) -> None:
        self.journal = journal
        self.breaker = breaker
        self._known: dict[tuple[int, int], Site] = {}
        self._of: Recording | None = None

    def at(self, caller: FrameType | None) -> Site | None:
        """Return the place from which a frame calls; None where no recording is concerned."""
        journal = self.journal
        if journal.running is not self._of:
            self._known, self._of = {}, journal.running
        code, at = (None, 0) if caller is None else (caller.f_code, caller.f_lasti)
        key = id(code), at
        site = self._known.get(key)
        if site is not None and site.code is code:
            return site
        recording, place = journal.recording_of(caller)
        if recording is None:
            return None
        direct = code is not None and journal.cells.has(code.co_filename)
        site = Site(code, recording, place, direct=direct)
        if direct and recording is self._of and len(self._known) < MOST_SITES:
            self._known[key] = site
        return site

    def note(self, name: str, caller: FrameType | None) -> Note | None:
        """Return the note of a call.

        Parameters
        ----------
        name
            Qualified name of what is called.
        caller
            The frame that calls it; None where there is none.

        Returns
        -------
        Note or None
            None where no cell made the call, or too many were made.
        """
        site = self.at(caller) if caller is not None else None
        return site.note(name) if site is not None else None

    def guarded(self, function: Any, *arguments: Any) -> Any:
        """Call one of ours; what it raises costs the part, not the user, and gives None."""
        if self.breaker.works(PART):
            try:
                return function(*arguments)
            except Exception as error:  # noqa: BLE001 - ours must not become the user's
                self.breaker.trip(PART, error)
        return None

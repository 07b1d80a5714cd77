"""Runs in the kernel: finds the note that a call belongs into, fast for calls in loops."""

from __future__ import annotations

from types import CodeType, FrameType
from typing import Any

from dask_lens.observe.breaker import Breaker
from dask_lens.observe.journal import Journal, Recording
from dask_lens.observe.notes import Note

PART = "calls"
#: Call sites that are remembered.
MOST_SITES = 1_000


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
        self._known: dict[tuple[str, int, int], tuple[CodeType, Note | None]] = {}
        self._of: Recording | None = None

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
        if caller is None:
            return None
        running = self.journal.running
        if running is not self._of:
            self._known, self._of = {}, running
        code = caller.f_code
        key = (name, id(code), caller.f_lasti)
        known = self._known.get(key)
        if known is not None and known[0] is code:
            return known[1]
        recording, place = self.journal.recording_of(caller)
        if recording is None:
            return None
        note = recording.notes.of(name, place)
        direct = recording is running and self.journal.cells.has(code.co_filename)
        if direct and len(self._known) < MOST_SITES:
            self._known[key] = (code, note)
        return note

    def guarded(self, function: Any, *arguments: Any) -> Any:
        """Call one of ours; what it raises costs the part, not the user, and gives None."""
        if self.breaker.works(PART):
            try:
                return function(*arguments)
            except Exception as error:  # noqa: BLE001 - ours must not become the user's
                self.breaker.trip(PART, error)
        return None

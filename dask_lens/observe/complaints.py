"""Runs in the kernel: notes what Dask itself warns of and logs, and changes nothing about it.

Dask's ``PerformanceWarning`` is told when one is made, which ``warnings.warn`` does whether it
will be shown or not; loggers get one handler more. Whether a graph is large is known where it
is sent (:mod:`dask_lens.observe.asked_clients`).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from types import FrameType
from typing import Any

from dask_lens.observe.computing import chunk_facts, collection_facts
from dask_lens.observe.frames import caller_of_dask
from dask_lens.observe.heard import note_log
from dask_lens.observe.looking import name_of
from dask_lens.observe.sites import Sites
from dask_lens.observe.tap import MethodTap, Patches

#: Characters of a message that are kept.
LENGTH = 500

_LOGGERS = ("distributed.core", "distributed.worker.memory", "distributed.nanny.memory")
_FACTOR = re.compile(r"(?P<factor>[\d.]+)")


class Complaints:
    """Listens to Dask's warnings and logs."""

    def __init__(self, sites: Sites) -> None:
        self.sites = sites
        self._patches = Patches()
        self._handler = _Handler(self)

    def listen_to_arrays(self) -> None:
        """Begin to note what ``dask.array`` warns of."""
        from dask.array.core import PerformanceWarning  # noqa: PLC0415 - it is loaded anyway

        init = MethodTap(PerformanceWarning.__init__, self._before_warning)
        self._patches.put(PerformanceWarning, "__init__", init)

    def listen_to_logs(self) -> None:
        """Begin to note what distributed logs in this process."""
        for name in _LOGGERS:
            logger = logging.getLogger(name)
            # The first handler would silence the one that logging falls back to.
            if logger.hasHandlers() and self._handler not in logger.handlers:
                logger.addHandler(self._handler)

    def remove(self) -> None:
        """Listen no longer."""
        self._patches.undo()
        for name in _LOGGERS:
            logging.getLogger(name).removeHandler(self._handler)

    def _before_warning(self, frame: FrameType, warning: Warning) -> None:
        self.sites.guarded(self._warned, frame, warning)

    def _warned(self, frame: FrameType, warning: Warning) -> None:
        caller, entry = caller_of_dask(frame)
        note = self.sites.note("warnings.warn", caller)
        if note is not None and caller is not None:
            message = str(warning.args[0])[:LENGTH] if warning.args else ""
            number = _FACTOR.search(message)
            note.again()
            note.set(kind="chunks", message=message, asked=entry.f_code.co_name)
            note.set(**_misaligned(frame, caller))
            if number is not None:
                note.set(factor=float(number["factor"].rstrip(".")))

    def logged(self, record: logging.LogRecord) -> None:
        """Take note of a log record."""
        self.sites.guarded(self._logged, record)

    def _logged(self, record: logging.LogRecord) -> None:
        recording = self.sites.journal.running
        if recording is not None:
            note_log(recording, record.getMessage(), record.name, record.levelno)


def _misaligned(frame: FrameType, caller: FrameType) -> dict[str, Any]:
    """Return the arrays whose chunks do not fit, and the chunks that Dask makes of them.

    Read off the frame of ``dask.array.core.unify_chunks``, which warns; where it looks
    different one day, nothing is told.
    """
    values = frame.f_locals if frame.f_code.co_name == "unify_chunks" else {}
    chunks, pairs = values.get("chunkss"), values.get("arginds")
    if not isinstance(chunks, Mapping) or not isinstance(pairs, list):
        return {}
    names = {**caller.f_globals, **caller.f_locals}
    given = [array for array, index in pairs if index is not None]
    return {
        "arrays": [{"name": name_of(one, names), **collection_facts(one)} for one in given],
        "after": chunk_facts(tuple(chunks.values()), given[0].dtype),
    }


class _Handler(logging.Handler):
    """Passes records on to :class:`Complaints`, and shows nothing."""

    def __init__(self, complaints: Complaints) -> None:
        super().__init__(logging.INFO)
        self._complaints = complaints

    def emit(self, record: logging.LogRecord) -> None:
        """Take note of a log record."""
        self._complaints.logged(record)

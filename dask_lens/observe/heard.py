"""Runs in the kernel: what tasks warned of and workers logged, as it is told here."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

from dask_lens.observe.journal import Recording
from dask_lens.record.task_warning import TaskWarning

#: Different warnings of one computation that are kept, and characters of a text.
MOST_KINDS, LENGTH = 50, 500

#: What loggers of distributed say, by what it is about.
_LOGS = (
    (
        "event-loop",
        re.compile(r"Event loop was unresponsive in (?P<where>\w+) for (?P<s>[\d.]+)s"),
    ),
    ("memory", re.compile(r"memory", re.IGNORECASE)),
)
_WARNING = 30
#: What is said when memory is no longer short: what was said before counts.
_WELL = "Resuming worker"


class Heard:
    """What the tasks of one computation warned of."""

    def __init__(self) -> None:
        self._kept: dict[Any, dict[Any, TaskWarning]] = {}

    def take(self, number: int, told: dict[str, Any]) -> None:
        """Take in how often something was warned of so far.

        Parameters
        ----------
        number
            Tells its graph from others of the computation.
        told
            The fields of a :class:`TaskWarning`.
        """
        known = {f.name: told[f.name] for f in dataclasses.fields(TaskWarning) if f.name in told}
        warning = TaskWarning(**known)
        kind = warning.category, warning.file, warning.line, warning.function
        if kind in self._kept or len(self._kept) < MOST_KINDS:
            self._kept.setdefault(kind, {})[number] = warning

    def taken_off(self, stamp: tuple[Any, ...], key: str) -> tuple[Any, ...]:
        """Take in what the last part of a stamp tells, and return the others.

        Parameters
        ----------
        stamp
            A task's.
        key
            Its key as text.
        """
        for told in stamp[-1]:
            self.take_one(told, key)
        return stamp[:-1]

    def take_one(self, told: dict[str, Any], key: str) -> None:
        """Take in one warning of a task.

        Parameters
        ----------
        told
            As for :meth:`take`, without a count.
        key
            The key of the task as text.
        """
        kind = told["category"], told["file"], told["line"], told["function"]
        known = self._kept.get(kind, {}).get(0)
        more = {"key": key} if known is None else {**vars(known), "count": known.count + 1}
        self.take(0, {**told, **more})

    def all(self) -> tuple[TaskWarning, ...]:
        """Return all, each with how often it was shown."""
        return tuple(
            dataclasses.replace(
                next(iter(each.values())), count=sum(w.count for w in each.values())
            )
            for each in list(self._kept.values())
        )


def note_log(recording: Recording, said: str, logger: str, level: int) -> None:
    """Take note of what distributed logged while a cell ran, or work of it.

    Parameters
    ----------
    recording
        The cell's.
    said
        The text.
    logger, level
        Who logged it, and how grave it is.
    """
    kind, match = next(
        ((kind, found) for kind, pattern in _LOGS if (found := pattern.search(said))),
        ("worker", None),
    )
    note = recording.notes.of(f"logging.{kind}", None)
    if note is None or (kind == "worker" and level < _WARNING):
        return
    note.again()
    if _WELL not in said or "message" not in note.facts:
        note.set(kind=kind, message=said[:LENGTH], logger=logger)
    if match is not None and kind == "event-loop":
        note.facts["seconds"] = note.facts.get("seconds", 0.0) + float(match["s"])
        note.set(where=match["where"])

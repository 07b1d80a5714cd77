"""What tasks warned of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TaskWarning:
    """A warning that tasks of one computation raised.

    Python shows a warning once for each line and process, so more tasks may have raised it.

    Parameters
    ----------
    category
        Name of its class.
    message
        Its text, cut to 300 characters; that of the first.
    file, line
        Where Python says that it comes from, in the process that ran the task.
    key
        The key, as text, of the task that was the first to be told.
    function, below
        The innermost function of the notebook's that was running, and how many lines below its
        first the call stands; an empty name where there was none.
    count
        How often it was shown, at least.
    """

    category: str
    message: str
    file: str
    line: int
    key: str
    function: str = ""
    below: int = 0
    count: int = 1

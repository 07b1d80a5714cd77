"""Runs in the kernel: looks at frames, the user's and Dask's."""

from __future__ import annotations

import inspect
import sys
from types import FrameType

_DASK = ("dask", "distributed", "dask_expr")
#: What hands the user the snapshot of a function's variables, and could tell that we took one.
_SNAPSHOTS = frozenset({"locals", "vars", "dir", "eval", "exec"})


def is_dask(frame: FrameType) -> bool:
    """Whether a frame runs code of Dask's own."""
    name = frame.f_globals.get("__name__")
    return type(name) is str and name.partition(".")[0] in _DASK


def caller_of_dask(frame: FrameType) -> tuple[FrameType | None, FrameType]:
    """Return the frame that called into Dask, and the frame of Dask that it called.

    Parameters
    ----------
    frame
        A frame of Dask's.
    """
    outermost = frame
    caller = frame.f_back
    while caller is not None and is_dask(caller):
        outermost, caller = caller, caller.f_back
    return caller, outermost


def variables(frame: FrameType) -> dict[str, object]:
    """Return what names stand for in a frame of the user's, and leave nothing of it behind.

    Until Python 3.13 a function's frame keeps the snapshot that ``f_locals`` makes, and with it
    whatever the function lets go of later; ``locals()`` returns that same dict.

    https://peps.python.org/pep-0667/
    """
    code = frame.f_code
    names = dict(frame.f_globals)
    if not code.co_flags & inspect.CO_OPTIMIZED or sys.version_info >= (3, 13):
        names.update(frame.f_locals)
    elif _SNAPSHOTS.isdisjoint(code.co_names):
        snapshot = frame.f_locals
        names.update(snapshot)
        snapshot.clear()
    return names

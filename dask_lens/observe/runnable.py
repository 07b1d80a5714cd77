"""Runs in the kernel: how many threads of this process want a processor at this moment.

Of threads, Linux tells which are on a processor or wait for one: ``R`` in their ``stat``. Other
systems do not tell.

https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
"""

from __future__ import annotations

import os
from typing import NamedTuple

_THREADS = "/proc/self/task"
_LENGTH = 512


class Counted(NamedTuple):
    """Threads of this process at one moment, besides the one that counted them."""

    #: Those that are running or wait for a processor.
    runnable: int
    #: All of them.
    threads: int


def runnable() -> Counted | None:
    """Count the threads of this process and those that are running or wait for a processor.

    Takes some 10 microseconds for each thread.

    Returns
    -------
    Counted or None
        None where the system does not tell.
    """
    try:
        names = os.listdir(_THREADS)  # noqa: PTH208 - plain names, a fraction of the time
    except OSError:
        return None
    return Counted(max(sum(map(_wants, names)) - 1, 0), len(names) - 1)


def _wants(name: str) -> bool:
    try:
        file = os.open(f"{_THREADS}/{name}/stat", os.O_RDONLY)
        try:
            text = os.read(file, _LENGTH)
        finally:
            os.close(file)
    except OSError:  # it has just ended
        return False
    state = text.rfind(b")") + 2  # behind the name, which may hold anything
    return text[state : state + 1] == b"R"

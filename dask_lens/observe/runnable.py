"""Runs in the kernel: how many threads of this process want a processor at this moment.

Of threads, Linux tells which are on a processor or wait for one: ``R`` in their ``stat``. Other
systems do not tell.

https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
"""

from __future__ import annotations

import os

_THREADS = "/proc/self/task"
#: Threads that are looked at, the newest of all: those that tasks start are.
MOST = 100
_LENGTH = 512


def runnable() -> int | None:
    """Return how many threads besides the one that asks are running or wait for a processor.

    Returns
    -------
    int or None
        None where the system does not tell.
    """
    try:
        names = os.listdir(_THREADS)  # noqa: PTH208 - plain names, a fraction of the time
    except OSError:
        return None
    return max(sum(map(_wants, names[-MOST:])) - 1, 0)


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

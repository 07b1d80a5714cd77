"""Runs in the kernel: how many threads of this process want a processor at this moment.

Of threads, Linux tells which are on a processor or wait for one: ``R`` in their ``stat``. Other
systems do not tell.

https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
"""

from __future__ import annotations

import os
from time import perf_counter

_THREADS = "/proc/self/task"
_LENGTH = 512
#: Seconds after which counting is given up: each look at a thread lets go of the GIL, and other
#: threads that compute keep it then for 5 ms each time.
_LONG = 0.02


def runnable() -> int | None:
    """Count the threads of this process, but this one, that are running or wait for a processor.

    Takes some 10 microseconds for each thread.

    Returns
    -------
    int or None
        None where the system does not tell, or not soon enough to be true of one moment.
    """
    end = perf_counter() + _LONG
    try:
        names = os.listdir(_THREADS)  # noqa: PTH208 - plain names, a fraction of the time
    except OSError:
        return None
    wanting = 0
    for name in names:
        wanting += _wants(name)
        if perf_counter() > end:
            return None
    return max(wanting - 1, 0)


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

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
#: Counts from one look to the next at a thread that sleeps again and again, at most.
_RARELY = 8
#: The newest threads, which are looked at in any case when counting begins.
_NEWEST = 64


class Runnable:
    """The threads of this process.

    A process may have hundreds of threads, most of which always sleep. One that is found asleep
    several times in a row is taken to sleep on, and looked at in every eighth count only.
    """

    def __init__(self) -> None:
        self._counts = 0
        #: For each thread: the count in which it is due, and how many to leave out after that.
        self._due: dict[str, tuple[int, int]] = {}

    def count(self) -> int | None:
        """Count the threads, but this one, that are running or wait for a processor.

        Takes some 10 microseconds for each thread that is looked at.

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
        self._counts += 1
        if not self._due:
            old = names[:-_NEWEST]
            self._due = {name: (n % _RARELY, _RARELY) for n, name in enumerate(old)}
        self._due = {name: self._due.get(name, (0, 1)) for name in names}
        wanting = 0
        for name in names:
            due, pause = self._due[name]
            if due > self._counts:
                continue
            wants = _wants(name)
            wanting += wants
            self._due[name] = (0, 1) if wants else (self._counts + pause, min(2 * pause, _RARELY))
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

"""Runs in the kernel: a thread that asks schedulers what is new, while work is open."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic

#: Seconds without work after which the thread ends.
IDLE = 2.0


class Drainer:
    """Calls ``drain`` again and again, from its own thread, until nothing is open.

    Parameters
    ----------
    drain
        Returns whether anything is under way; must not raise.
    interval
        Seconds between two calls.
    """

    def __init__(self, drain: Callable[[], bool], interval: float) -> None:
        self._drain = drain
        self._interval = interval
        self._lock = threading.RLock()  # a finalizer of the user may run inside
        self._thread: threading.Thread | None = None
        self._asked = False
        self._stopped = threading.Event()

    def wake(self) -> None:
        """Make sure that the thread runs."""
        if self._asked and self._thread is not None:
            return  # it has not looked since
        with self._lock:
            self._asked = True
            if self._thread is None and not self._stopped.is_set():
                self._thread = threading.Thread(
                    target=self._run, name="dask-lens-drainer", daemon=True
                )
                self._thread.start()

    def stop(self) -> None:
        """End the thread and wait for it."""
        self._stopped.set()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout=5)

    def _run(self) -> None:
        last = monotonic()
        pause = self._interval / 4  # soon after the first sign of work
        while not self._stopped.wait(pause):
            pause = self._interval
            busy = self._drain()
            with self._lock:
                if busy or self._asked:
                    last = monotonic()
                    self._asked = False
                elif monotonic() - last > IDLE:
                    self._thread = None
                    return

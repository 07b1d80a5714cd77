"""The end of the time set for a comparison, kept in the middle of a run as well."""

from __future__ import annotations

import _thread
import contextlib
import math
import signal
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Self

#: Seconds between two interrupts of a run when the time is over.
RING = 1.0

#: Seconds that the alarm sleeps at most; any number that a lock can wait for.
LONG = 3600.0


class TimeIsUpError(Exception):
    """The time set is over."""


class Alarm:
    """Interrupts the main thread when the time is over in the middle of a run.

    Between runs nothing is interrupted: a collection of garbage, say, must not be left half
    done. Once is not enough: in a finalizer Python ignores an exception, and code may catch it.

    Parameters
    ----------
    seconds
        The time set, from now on.

    Attributes
    ----------
    rang : bool
        Whether the run that was last begun was interrupted.
    """

    def __init__(self, seconds: float) -> None:
        self.rang = False
        self._end = time.monotonic() + seconds
        self._over = False
        self._runs = False
        #: When to interrupt a run.
        self._due = self._end
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._watch, name="dask-lens-alarm", daemon=True)

    @property
    def left(self) -> float:
        """Seconds until the time is over; negative afterwards."""
        return self._end - time.monotonic()

    @contextlib.contextmanager
    def run(self, most: float = math.inf) -> Iterator[None]:
        """Interrupt this block when the time is over, or after ``most`` seconds."""
        if self.left < 0:
            raise TimeIsUpError
        self.rang = False
        with self._changed:
            self._due = min(self._end, time.monotonic() + most)
            self._runs = True
            self._changed.notify()
        try:
            yield
        finally:
            self._runs = False

    def _watch(self) -> None:
        with self._changed:
            while not self._over:
                wait = self._due - time.monotonic() if self._runs else LONG
                if wait > 0:
                    self._changed.wait(min(wait, LONG))
                else:
                    self._due = time.monotonic() + RING
                    self._ring()

    def _ring(self) -> None:
        self.rang = True
        if hasattr(signal, "pthread_kill"):
            # To that very thread: a wait for a lock there ends only with its own signal.
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        else:
            _thread.interrupt_main()

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        with self._changed:
            self._over = True
            self._changed.notify()

"""The end of the time set for a comparison, kept in the middle of a run as well."""

from __future__ import annotations

import _thread
import contextlib
import signal
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Self

#: Seconds between two interrupts of a run when the time is over.
RING = 1.0

#: Seconds until it is looked again whether there is a run to be interrupted.
LOOK = 0.02


class TimeIsUpError(Exception):
    """The time set is over."""


class Alarm:
    """Interrupts the main thread when the time is over in the middle of a run.

    Between runs nothing is interrupted: a cluster that starts, or a collection of garbage, must
    not be left half done. Once is not enough: in a finalizer Python ignores an exception, and
    code may catch it.

    Parameters
    ----------
    seconds
        The time set, from now on.
    """

    def __init__(self, seconds: float) -> None:
        self.rang = False
        self.during_run = False
        self._end = time.monotonic() + seconds
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="dask-lens-alarm", daemon=True)

    @property
    def left(self) -> float:
        """Seconds until the time is over; negative afterwards."""
        return self._end - time.monotonic()

    @contextlib.contextmanager
    def run(self) -> Iterator[None]:
        """Interrupt this block when the time is over."""
        if self.left < 0:
            raise TimeIsUpError
        self.during_run = True
        try:
            yield
        finally:
            self.during_run = False

    def _watch(self) -> None:
        wait = self.left
        while not self._over.wait(wait):
            wait = LOOK
            if self.during_run:
                wait = RING
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
        self._over.set()

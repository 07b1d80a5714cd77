"""Opening pools and clusters, so that waiting for them can end at any moment.

Interrupted in the middle, the constructor of a cluster leaves processes behind that nobody has
a hold of. So it runs in a thread of its own, and only the wait for it is interrupted; what has
come up for nothing is closed there.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from dask_lens.compare.alarm import TimeIsUpError

T = TypeVar("T")

#: Seconds that something no longer wanted gets to come up and be closed, before nobody waits
#: for that any more; it is closed all the same.
GRACE = 3.0


def opened(make: Callable[[], T], close: Callable[[T], None], left: Callable[[], float]) -> T:
    """Open something.

    Parameters
    ----------
    make
        Opens it; closes itself where it fails.
    close
        Closes it, when it has come up too late.
    left
        Returns the seconds until the time is over.

    Raises
    ------
    TimeIsUpError
        When the time is over before it is open.
    """
    if left() <= 0:
        raise TimeIsUpError
    opening = _Opening(make, close)
    opening.thread.start()
    try:
        wait = left()
        opening.ended.wait(None if math.isinf(wait) else max(wait, 0.0))
    except BaseException:
        opening.abandon()
        raise
    return opening.made()


class _Opening(Generic[T]):
    def __init__(self, make: Callable[[], T], close: Callable[[T], None]) -> None:
        self._make = make
        self._close = close
        self._lock = threading.Lock()
        self._is_wanted = True
        self._made: list[T] = []
        self._error: BaseException | None = None
        # Waited for instead of the thread: an interrupted join takes the thread for ended
        # (https://github.com/python/cpython/issues/90882).
        self.ended = threading.Event()
        # Not a daemon: Python waits for it at its end, too, so that nothing is left running.
        self.thread = threading.Thread(target=self._run, name="dask-lens-opening", daemon=False)

    def _run(self) -> None:
        try:
            self._open()
        finally:
            self.ended.set()

    def _open(self) -> None:
        try:
            made = self._make()
        except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
            self._error = error
            return
        with self._lock:
            if self._is_wanted:
                self._made.append(made)
                return
        self._close(made)

    def made(self) -> T:
        """Return what is open by now, or raise why there is nothing."""
        if not self._made:
            if self._error is not None:
                raise self._error
            self.abandon()
            raise TimeIsUpError
        return self._made.pop()

    def abandon(self) -> None:
        """Want it no longer."""
        with self._lock:
            self._is_wanted = False
        if self._made:
            self._close(self._made.pop())
        self.ended.wait(GRACE)

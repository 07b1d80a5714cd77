"""Judges the cell that runs before its work is over, in a thread of its own."""

from __future__ import annotations

import contextvars
import logging
import threading
from collections.abc import Callable

logger = logging.getLogger("dask_lens")

#: Seconds a cell must run before it is judged by what it says: of shorter ones the report
#: itself is there before anyone could read a forecast, and they cost nothing.
FORECAST_AFTER = 0.03


class Forecaster:
    """Calls for a forecast once for each cell that is not over at once.

    Parameters
    ----------
    forecast
        Makes and shows the forecast of the cell that runs.
    """

    def __init__(self, forecast: Callable[[], None]) -> None:
        self._forecast = forecast
        self._changed = threading.Condition()
        #: Goes up with everything that makes an older look out of date.
        self._epoch = self._looked_at = 0
        self._running = False
        self._due = False
        self._stopping = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to wait for cells."""
        self._stopping = self._running = self._due = False
        # The context carries the cell that outputs belong to over to the thread.
        run = contextvars.copy_context().run
        self._thread = threading.Thread(
            target=run, args=(self._wait,), name="dask-lens-forecast", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Wait for cells no longer."""
        if self._thread is not None:
            with self._changed:
                self._stopping = True
                self._changed.notify_all()
            self._thread.join()
            self._thread = None

    def cell_begins(self) -> None:
        """Take note that a cell begins."""
        self._tell(running=True, due=True)

    def cell_ends(self) -> None:
        """Take note that the cell is over: what is said of it now is said by its report."""
        self._tell(running=False, due=False)

    def report_comes(self) -> None:
        """Take note that another cell's late work is reported on."""
        self._tell(running=self._running, due=self._running)

    def look_again(self) -> None:
        """Ask for another look at what runs: there is more to see."""
        with self._changed:
            self._due = True
            self._changed.notify_all()

    def say(self, send: Callable[[], None]) -> None:
        """Send a forecast, unless something has happened since the look that it comes from."""
        with self._changed:
            if self._looked_at == self._epoch:
                send()

    def _tell(self, *, running: bool, due: bool) -> None:
        with self._changed:
            self._epoch += 1
            self._running, self._due = running, due
            self._changed.notify_all()

    def _wait(self) -> None:
        while not self._stopping:
            if self._is_time():
                try:
                    self._forecast()
                except Exception:  # costs the forecast, and nothing else
                    logger.exception("Dask Lens could not make a forecast")

    def _is_time(self) -> bool:
        """Wait until something runs and goes on running; False where it was over soon."""
        with self._changed:
            self._changed.wait_for(lambda: self._due or self._stopping)
            epoch = self._looked_at = self._epoch
            changed = self._changed.wait_for(
                lambda: self._stopping or epoch != self._epoch, timeout=FORECAST_AFTER
            )
            if not changed:
                self._due = False
            return not changed

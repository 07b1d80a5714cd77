"""The gauge as a widget in a cell's output: what ``%lens gauge`` shows. Runs in the kernel.

Imports anywidget, so it is imported only when a gauge is asked for. The page's half is built
from ``js/src/widget.ts`` and draws with the panel's own code.
"""

from __future__ import annotations

import threading
from collections import deque
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from dask_lens.metrics.parallelism import Parallelism
from dask_lens.record import wire
from dask_lens.record.live import Live

#: Seconds that the sparkline looks back.
SPAN = 60.0

#: Seconds between two deliveries of the samples. Each sample travels at once as ``live``; a
#: page keeps those it saw, and needs the others only when it is opened later.
KEEP_EVERY = 2.0

_BUNDLE = Path(__file__).with_name("static") / "widget.js"


class Gauge(anywidget.AnyWidget):
    """Tasks running now against the threads there are; afterwards, what the run reached.

    Attributes
    ----------
    live
        The latest sample: the fields of :class:`dask_lens.record.live.Live`, or None.
    samples
        Samples of the last minute, oldest first.
    result
        The fields of :class:`dask_lens.metrics.parallelism.Parallelism` of the last run.
    """

    _esm = _BUNDLE

    live = traitlets.Dict(default_value=None, allow_none=True).tag(sync=True)
    samples = traitlets.List().tag(sync=True)
    result = traitlets.Dict(default_value=None, allow_none=True).tag(sync=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._recent: deque[dict[str, Any]] = deque()
        self._kept_at = float("-inf")
        self._lock = threading.RLock()

    def __repr__(self) -> str:
        """Say how things stand, and where it is drawn: a terminal shows this."""
        live, result = self.live, self.result
        if live is not None and (live["running"] or live["elapsed"]):
            reads = f"{live['running']} of {live['threads']} threads busy"
        elif result is not None:
            reads = f"{result['achieved']:.1f} of {result['threads']} in parallel"
        else:
            reads = "nothing has run yet"
        return f"<Dask Lens gauge: {reads}; notebooks draw it live>"

    def show(self, live: Live) -> None:
        """Draw how things stand; may be called from any thread.

        Parameters
        ----------
        live
            A look at the schedulers; the last one of a run has nothing running.
        """
        sample: dict[str, Any] = wire.to_dict(live)
        over = not live.running and not live.elapsed
        with self._lock:
            self._recent.append(sample)
            while self._recent[0]["time"] <= live.time - SPAN:
                self._recent.popleft()
            state: dict[str, Any] = {"live": sample}
            if over or live.time - self._kept_at >= KEEP_EVERY:
                state["samples"] = list(self._recent)
                self._kept_at = live.time
            self._put(state)

    def settle(self, parallelism: Parallelism) -> None:
        """Draw what a run reached; may be called from any thread.

        Parameters
        ----------
        parallelism
            Measured over the run.
        """
        self._put({"result": wire.to_dict(parallelism)})

    def _put(self, state: dict[str, Any]) -> None:
        # Widgets gather what one message carries in the object itself: one thread at a time.
        with self._lock, self.hold_sync():
            for name, value in state.items():
                self.set_trait(name, value)

"""Runs in the kernel: tells the observer when a cell begins and ends."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from dask_lens.observe.observer import Observer
from dask_lens.record.cell import Cell
from dask_lens.record.run import Run


class NotebookCells:
    """Follows the cells of an IPython shell.

    Parameters
    ----------
    observer
        Told of each cell.
    shell
        The IPython shell.
    on_run
        Given the run of each cell when the cell has ended, in the cell's own thread.
    """

    def __init__(self, observer: Observer, shell: Any, on_run: Callable[[Run], None]) -> None:
        self._observer = observer
        self._shell = shell
        self._on_run = on_run
        self._open = False
        # Cells that are run by a cell, with get_ipython().run_cell(...), belong to it.
        self._depth = 0

    def start(self) -> None:
        """Follow from now on; the cell that is running counts from here."""
        self._depth = 0
        self._shell.events.register("pre_run_cell", self._begins)
        self._shell.events.register("post_run_cell", self._ended)
        if _run_cell_locals() is not None:
            self._begins(None)

    def stop(self) -> None:
        """Follow no longer."""
        self._shell.events.unregister("pre_run_cell", self._begins)
        self._shell.events.unregister("post_run_cell", self._ended)
        if self._open:
            self._open = False
            self._observer.end()

    def _begins(self, info: Any) -> None:
        self._depth += 1
        if self._depth > 1:
            return
        running = _run_cell_locals() or {}
        source = running.get("raw_cell", getattr(info, "raw_cell", ""))
        # Counted up before this event by newer versions of IPython, after the cell by older ones.
        count = running.get("execution_count", self._shell.execution_count)
        cell = Cell(
            source,
            cell_id=running.get("cell_id", getattr(info, "cell_id", None)),
            execution_count=count,
        )
        transformed = running.get("transformed_cell") or source
        filename = self._shell.compile.get_code_name(source, transformed, count)
        self._open = True
        self._observer.begin(cell, filename)

    def _ended(self, result: Any) -> None:
        self._depth = max(0, self._depth - 1)
        if self._depth or not self._open:
            return
        self._open = False
        error = result.error_before_exec or result.error_in_exec
        self._on_run(self._observer.end(error, self._shell.user_ns))


def _run_cell_locals() -> dict[str, Any] | None:
    """Return what IPython knows of the cell that is running; None outside of cells.

    https://github.com/ipython/ipython/blob/9.8.0/IPython/core/interactiveshell.py#L3270
    """
    frame = sys._getframe(1)  # noqa: SLF001 - the event itself does not tell
    while frame is not None:
        if frame.f_code.co_name == "run_cell_async":
            return frame.f_locals
        frame = frame.f_back  # type: ignore[assignment]
    return None

"""Runs in the kernel: tells the observer when a cell of an IPython shell begins and ends."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from dask_lens.observe.observer import Observer
from dask_lens.record.cell import Cell
from dask_lens.record.run import Run

logger = logging.getLogger("dask_lens")


class NotebookCells:
    """Turns the cells of a shell into runs.

    Parameters
    ----------
    observer
        Told when a cell begins and ends.
    shell
        The IPython shell.
    on_run
        Given the run of each cell when the cell ends; the run may have open work.
    on_begin
        Called when a cell begins; must not raise.
    """

    def __init__(
        self,
        observer: Observer,
        shell: Any,
        on_run: Callable[[Run], None],
        on_begin: Callable[[], None],
    ) -> None:
        self._observer = observer
        self._shell = shell
        self._on_run = on_run
        self._on_begin = on_begin
        #: Cells that began and have not ended: magics run cells inside cells.
        self._depth = 0

    def start(self) -> None:
        """Listen to the shell, from its next cell on."""
        self._depth = 0
        self._shell.events.register("pre_run_cell", self._begin)
        self._shell.events.register("post_run_cell", self._end)

    def stop(self) -> None:
        """Listen no longer."""
        self._shell.events.unregister("pre_run_cell", self._begin)
        self._shell.events.unregister("post_run_cell", self._end)

    def _begin(self, info: Any) -> None:
        self._depth += 1
        try:
            filename, count = self._name(info)
            if self._depth == 1:
                cell = Cell(info.raw_cell, getattr(info, "cell_id", None), count)
                self._observer.begin(cell, filename, self._shell.user_ns)
                self._on_begin()
            else:
                self._observer.begin_part(info.raw_cell, filename)
        except Exception:  # the shell would print it into the user's cell
            logger.warning("dask_lens cannot observe this cell", exc_info=True)

    def _end(self, result: Any) -> None:
        if self._depth == 0:
            return  # it began before we listened
        self._depth -= 1
        if self._depth:
            return
        try:
            error = result.error_before_exec or result.error_in_exec
            run = self._observer.end(error, self._shell.user_ns)
        except Exception:  # the shell would print it into the user's cell
            logger.warning("dask_lens could not observe this cell", exc_info=True)
            return
        self._on_run(run)

    def _name(self, info: Any) -> tuple[str | None, int | None]:
        """Return the file name and the number that the shell is about to give the cell."""
        shell = self._shell
        count = shell.execution_count
        # Since IPython 9.6 the counter has moved on by the time we are told.
        if info.store_history and count == len(shell.history_manager.input_hist_raw) + 1:
            count -= 1
        ran = getattr(info, "transformed_cell", None)
        if ran is None:
            ran = shell.transform_cell(info.raw_cell)
        name = shell.compile.get_code_name(info.raw_cell, ran, count)
        return name, count if info.store_history else None

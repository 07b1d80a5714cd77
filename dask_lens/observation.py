"""A block of code that is observed apart: ``with dask_lens.observe() as seen: ...``."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from dask_lens.observe.observer import Observer
from dask_lens.record.cell import Cell
from dask_lens.record.run import Run
from dask_lens.report import Report, analyze

if TYPE_CHECKING:
    from typing_extensions import Self


class Observation:
    """A block of code that is observed: what :func:`dask_lens.observe` returns.

    Parameters
    ----------
    filename
        The file that the block is written in.
    watching
        Returns the observer that is at work already, or None.
    keep
        Given this observation when the block has ended.

    Attributes
    ----------
    run : Run or None
        The record that the report was made from; None until the block has ended.
    """

    def __init__(
        self,
        filename: str,
        watching: Callable[[], Observer | None],
        keep: Callable[[Observation], None],
    ) -> None:
        self.run: Run | None = None
        self._report: Report | None = None
        self._filename = filename
        self._watching = watching
        self._keep = keep
        self._began = 0.0
        self._host: Observer | None = None
        self._own: Observer | None = None

    def __enter__(self) -> Self:
        self._began = time.time()
        self._host = self._watching()
        if self._host is None:
            self._own = Observer(lambda _run: None)
            self._own.start()
            self._own.begin(Cell(_source(self._filename)), self._filename)
        else:
            self._host.begin_block()
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        if self._own is not None:
            try:
                self.run = self._own.end(error, None)
            finally:
                self._own.stop()
        elif self._host is not None:
            self._host.flush()
        if self._host is not None and (whole := self._host.current()) is not None:
            mine = tuple(c for c in whole.computations if c.start >= self._began)
            self.run = replace(whole, start=self._began, stop=time.time(), computations=mine)
        if self.run is not None:
            self._keep(self)

    @property
    def report(self) -> Report | None:
        """The report; None until the block has ended.

        It is made when it is first asked for: the block itself does not wait for it.
        """
        if self._report is None and self.run is not None:
            self._report = analyze(self.run)
        return self._report


def _source(filename: str) -> str:
    try:
        return Path(filename).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""  # typed at a prompt, or run from a string: there is no text to read

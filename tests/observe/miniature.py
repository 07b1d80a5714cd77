"""A notebook in miniature: cells of source code that run under an observer."""

from __future__ import annotations

import json
import linecache
import textwrap
import time
from collections.abc import Callable
from typing import Any

from dask_lens.observe.observer import Observer
from dask_lens.record import wire
from dask_lens.record.call import ObservedCall
from dask_lens.record.cell import Cell
from dask_lens.record.computation import Computation
from dask_lens.record.run import Run

COUNT = iter(range(1, 1_000_000))


class Notebook:
    """Runs cells in one namespace, with or without somebody looking."""

    def __init__(self) -> None:
        self.variables: dict[str, Any] = {
            "__name__": "cells_of_a_test",
            "__builtins__": __builtins__,
        }
        self.late: list[Run] = []
        self.observer = Observer(self.late.append)
        self.error: BaseException | None = None

    def start(self) -> None:
        self.observer.start()

    def stop(self) -> None:
        self.observer.stop()

    def cell(self, source: str) -> Run:
        """Run a cell and return what was seen; an error is kept, not raised."""
        source = textwrap.dedent(source).strip()
        filename = f"<cell {next(COUNT)}>"
        linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
        self.observer.begin(Cell(source, execution_count=next(COUNT)), filename)
        self.error = None
        try:
            exec(compile(source, filename, "exec"), self.variables)  # noqa: S102 - as notebooks do
        except BaseException as error:  # noqa: BLE001 - as notebooks do
            self.error = error
        return self.observer.end(self.error, self.variables)

    def works(self, source: str) -> Run:
        """Run a cell that must not fail."""
        run = self.cell(source)
        if self.error is not None:
            raise self.error
        return run

    def one(self, source: str) -> Computation:
        """Run a cell that must not fail and has one computation."""
        (computation,) = self.works(source).computations
        return computation

    def await_late(self, count: int = 1) -> Run:
        """Return the last of ``count`` runs that outlived their cells."""
        until(lambda: len(self.late) >= count)
        return self.late[count - 1]


def until(true: Callable[[], bool], timeout: float = 30) -> None:
    """Wait until something is true."""
    end = time.monotonic() + timeout
    while not true():
        assert time.monotonic() < end, "it never became true"
        time.sleep(0.01)


def one_call(run: Run, name: str) -> ObservedCall:
    """Return the only call of a name; all facts must be JSON."""
    assert json.loads(json.dumps(wire.to_dict(run.calls))) == wire.to_dict(run.calls)
    [found] = [call for call in run.calls if call.name == name]
    return found

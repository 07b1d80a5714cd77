"""The budget of judging code, as far as a shared machine can hold it: in processor time."""

from __future__ import annotations

import runpy
import time
from pathlib import Path

from dask_lens.judge import judge
from dask_lens.record.cell import Cell
from dask_lens.record.run import Run

CELLS = Path(__file__).parents[2] / "benchmarks" / "cells.py"


def test_cells_are_judged_within_twice_the_budget():
    notebooks = runpy.run_path(str(CELLS))["notebooks"]
    first, *books = [tuple(map(Cell, sources)) for sources in notebooks(21, seed=5)]
    judge(Run(first))
    began = time.process_time()
    for book in books:
        judge(Run(book))
    # Three seconds for 1,500 of them, on a core that nobody else uses.
    assert time.process_time() - began < 2 * 0.002 * sum(map(len, books))

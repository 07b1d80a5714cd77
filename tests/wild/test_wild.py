"""Code as it is written in public: every finding that is due, on its line, and no other.

The cases stand in the text files beside this one. A case begins with ``=== what it is``; its
cells are parted by ``# %%``; each line with a mistake ends with ``#! CODE``. A case that imports
nothing itself follows a cell with the usual imports, and one that begins with ``#script`` is a
script and no notebook.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dask_lens.record.cell import Cell
from dask_lens.record.run import Run
from dask_lens.report import analyze

SILENT = ("teaching", "notebooks", "deliberate", "others", "near")
DUE = (
    "repeated",
    "looped",
    "brought",
    "futures",
    "lazy",
    "scripts",
    "forms",
    "chunked",
    "linted",
    "schedulers",
    "variants",
)
HERE = Path(__file__).parent
IMPORTS = """\
import os
import time
import glob
import numpy as np
import pandas as pd
import xarray as xr
import matplotlib.pyplot as plt
import dask
import dask.array as da
import dask.bag as db
import dask.dataframe as dd
from dask import delayed
from dask.diagnostics import ProgressBar
from dask.distributed import Client, LocalCluster, as_completed, progress, wait
"""
_IMPORTS_ITSELF = re.compile(r"^\s*(import|from) ", re.MULTILINE)
_MARK = re.compile(r"\s*#! (.+)$")


def _cases(*names: str) -> list[object]:
    return [
        pytest.param(text.strip("\n"), id=f"{name}: {title}")
        for name in names
        for part in (HERE / f"{name}.txt").read_text(encoding="utf-8").split("\n=== ")[1:]
        for title, _, text in [part.partition("\n")]
    ]


def _cells(text: str) -> list[str]:
    if text.startswith("#script\n"):
        return [text]
    cells = [cell.strip("\n") for cell in re.split(r"^# %%$", text, flags=re.MULTILINE)]
    return cells if _IMPORTS_ITSELF.search(text) else [IMPORTS, *cells]


def _judged(text: str) -> tuple[list[tuple[int, int, str]], list[tuple[int, int, str]]]:
    """Return what is due in a case and what is found: cell, line and code."""
    due, cells = [], []
    for number, source in enumerate(_cells(text)):
        lines = source.split("\n")
        for line, written in enumerate(lines, start=1):
            mark = _MARK.search(written)
            due += [(number, line, code) for code in (mark[1].split() if mark else ())]
        plain = "\n".join(_MARK.sub("", line) for line in lines)
        script = text.startswith("#script\n")
        here = {"path": "script.py"} if script else {"cell_id": f"cell-{number}", "index": number}
        cells.append(Cell(plain, **here))
    found = analyze(Run(tuple(cells))).findings
    return sorted(due), sorted((f.cell or 0, f.line or 0, f.code) for f in found)


@pytest.mark.parametrize("text", _cases(*SILENT))
def test_nothing_is_said_of(text: str) -> None:
    due, found = _judged(text)
    assert due == []
    assert found == []


@pytest.mark.parametrize("text", _cases(*DUE))
def test_what_is_due_is_found_and_no_more_in(text: str) -> None:
    due, found = _judged(text)
    assert due, "a case without a mark"
    assert found == due

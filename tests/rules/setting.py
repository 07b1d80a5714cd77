"""What the tests of rules share: cells that were only read, and what one rule finds in them."""

from __future__ import annotations

from dask_lens.record.cell import Cell
from dask_lens.record.run import Run
from dask_lens.report import analyze
from dask_lens.rule import Finding, Rule

MARK = "  #!"

#: What a notebook that uses Dask may begin with.
SETUP = """\
import time
import numpy as np
import pandas as pd
import xarray as xr
import dask
import dask.array as da
import dask.bag as db
import dask.dataframe as dd
from dask import delayed
from dask.distributed import Client, LocalCluster, as_completed, wait, progress
client = Client()
ddf = dd.read_csv("*.csv")
x = da.ones((10, 10), chunks=5)
bag = db.from_sequence(range(10))
ds = xr.open_mfdataset("*.nc", parallel=True)
def f(a, *more): return a
lazy = delayed(f)
"""


def read(rule: Rule, *sources: str) -> list[Finding]:
    """Return what a rule finds in cells that were only read."""
    cells = tuple(Cell(source) for source in (SETUP, *sources))
    return [found for found in rule.run(Run(cells), {}) if isinstance(found, Finding)]


def marked(*sources: str) -> list[tuple[int, int]]:
    """Return cell and line of each line that is marked."""
    return [
        (cell, line)
        for cell, source in enumerate(sources, start=1)
        for line, text in enumerate(source.split("\n"), start=1)
        if text.endswith(MARK)
    ]


def found(rule: Rule, *sources: str) -> list[tuple[int, int]]:
    """Return cell and line of what a rule finds; the words are told with the evidence given."""
    findings = read(rule, *sources)
    assert all(finding.certainty == "likely" and finding.message for finding in findings)
    return sorted((f.place.cell, f.place.line) for f in findings if f.place is not None)


def codes(*sources: str) -> list[str]:
    """Return the codes of what all rules find."""
    cells = tuple(Cell(source) for source in (SETUP, *sources))
    return [finding.code for finding in analyze(Run(cells)).findings]

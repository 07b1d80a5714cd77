"""A scheduler for one cell that decides for all: DSK205."""

from __future__ import annotations

import pytest
from reading import assert_found, findings

from dask_lens.rules.stale_global_scheduler import rule

SETUP = """\
import dask
from dask.distributed import Client
lazy = dask.delayed(abs)
"""
DEBUG = "dask.config.set(scheduler='sync')"

FINE = [
    pytest.param([f"{DEBUG}", "lazy(1).compute()"], id="a setting for all of the notebook"),
    pytest.param([f"{DEBUG}\nlazy(1).compute()", "y = lazy(1)"], id="nothing computed later"),
    pytest.param(
        [f"with {DEBUG}:\n    lazy(1).compute()", "lazy(1).compute()"], id="a with statement"
    ),
    pytest.param(
        [f"{DEBUG}\nlazy(1).compute()\ndask.config.set(scheduler=None)", "lazy(1).compute()"],
        id="taken back",
    ),
    pytest.param(
        [f"{DEBUG}\nlazy(1).compute()", "lazy(1).compute(scheduler='threads')"],
        id="a later call that says what it wants",
    ),
    pytest.param(
        ["dask.config.set(scheduler='threads')\nlazy(1).compute()", "lazy(1).compute()"],
        id="threads, and no client",
    ),
    pytest.param(
        [f"s = {DEBUG}\nlazy(1).compute()", "lazy(1).compute()"], id="kept, to be taken back"
    ),
    pytest.param(
        ["dask.config.set(num_workers=2)\nlazy(1).compute()", "lazy(1).compute()"],
        id="another setting",
    ),
]


@pytest.mark.parametrize("cells", FINE)
def test_what_is_fine_is_silent(cells: list[str]) -> None:
    assert findings(rule, SETUP, *cells) == []


FOUND = [
    pytest.param([f"{DEBUG}  # found here\nlazy(1).compute()", "lazy(2).compute()"], id="sync"),
    pytest.param(
        [
            "dask.config.set({'scheduler': 'single-threaded'})  # found here\nlazy(1).compute()",
            "y = 1",
            "dask.compute(lazy(2))",
        ],
        id="a dict, two cells on",
    ),
    pytest.param(
        [
            "client = Client()",
            "dask.config.set(scheduler='threads')  # found here\nlazy(1).compute()",
            "lazy(2).compute()",
        ],
        id="threads, past a client",
    ),
]


@pytest.mark.parametrize("cells", FOUND)
def test_it_is_found_however_it_is_written(cells: list[str]) -> None:
    assert_found(rule, SETUP, *cells)

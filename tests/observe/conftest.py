"""Notebooks in miniature, observed."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from miniature import Notebook


@pytest.fixture
def notebook(caplog: pytest.LogCaptureFixture) -> Iterator[Notebook]:
    """A notebook that is being observed, without a single complaint of ours in its log."""
    notebook = Notebook()
    notebook.start()
    yield notebook
    notebook.stop()
    ours = [record for record in caplog.records if record.name.startswith("dask_lens")]
    assert [record.getMessage() for record in ours if record.levelno >= logging.WARNING] == []


@pytest.fixture
def faulty() -> Iterator[Notebook]:
    """A notebook that is being observed, and in which observing may fail."""
    notebook = Notebook()
    notebook.start()
    yield notebook
    notebook.stop()

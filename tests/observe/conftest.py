"""Notebooks in miniature, observed."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from distributed import Client
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


@pytest.fixture(scope="module")
def lone_client() -> Iterator[Client]:
    """A client that is nobody's default."""
    with Client(
        n_workers=1,
        threads_per_worker=2,
        processes=False,
        dashboard_address=":0",
        set_as_default=False,
    ) as client:
        yield client


@pytest.fixture
def cells(notebook: Notebook, lone_client: Client) -> Notebook:
    """A notebook that has a client."""
    notebook.variables.update(client=lone_client, __name__="__main__")
    return notebook

"""A pytest plugin that observes a test session: ``pytest -p dask_lens.testing``.

Each test counts as a cell. The tests must not notice.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dask_lens.observe.observer import Observer
from dask_lens.record.cell import Cell
from dask_lens.record.run import Run


class ObservedSession:
    """Observes every test.

    Attributes
    ----------
    runs
        What each test did, and once more for work that outlived its test.
    """

    def __init__(self) -> None:
        self.runs: list[Run] = []
        self.observer = Observer(self.runs.append)

    def pytest_sessionstart(self) -> None:
        """Begin to observe."""
        self.observer.start()

    def pytest_sessionfinish(self) -> None:
        """Put everything back."""
        self.observer.stop()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Observe one test."""
        self.observer.begin(Cell(item.nodeid), str(item.path))
        try:
            return (yield)
        finally:
            self.runs.append(self.observer.end())

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say how much was seen, and what could not be."""
        computations = [c for run in self.runs for c in run.computations]
        tasks = sum(computation.n_tasks for computation in computations)
        terminalreporter.write_line(
            f"dask_lens saw {len(computations)} computation{'s' * (len(computations) != 1)} "
            f"with {tasks} task{'s' * (tasks != 1)}"
        )
        for reason in sorted({n.reason for run in self.runs for n in run.not_judged}):
            terminalreporter.write_line(f"dask_lens: not judged: {reason}")


def pytest_configure(config: pytest.Config) -> None:
    """Add the plugin to the session."""
    config.pluginmanager.register(ObservedSession(), "dask-lens-session")

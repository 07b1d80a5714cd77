"""What all tests share: no settings of the machine, none left over, no process left behind."""

from __future__ import annotations

import copy
import linecache
import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

# Before anything imports Dask or IPython: the settings and the history of whoever runs the
# tests stay out of them.
_HOME = tempfile.TemporaryDirectory(prefix="dask-lens-tests-")
for _name in [name for name in os.environ if name.startswith("DASK_") and "LENS" not in name]:
    del os.environ[_name]
os.environ["DASK_CONFIG"] = os.environ["IPYTHONDIR"] = _HOME.name

# A shell that starts us in the background has us ignore Ctrl-C, which some tests press.
signal.signal(signal.SIGINT, signal.default_int_handler)

import dask  # noqa: E402 - after the environment is set
import distributed  # noqa: E402, F401 - its settings are there from the start, and stay
import psutil  # noqa: E402 - the same

ROOT = Path(__file__).parents[1]

#: Where tests hold what was measured to the clock, on machines that do other things as well.
CLOCKED = tuple(
    str(ROOT / "tests" / name)
    for name in ("compare", "observe", "ui", "test_examples.py", "rules/test_catalogue.py")
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run a test once more that measures time and fails; the summary tells of it."""
    for item in items:
        runs = hasattr(getattr(item, "module", None), "perform")  # cells, for real
        if runs or str(item.path).startswith(CLOCKED):
            item.add_marker(pytest.mark.flaky(reruns=1, reruns_delay=1))


@pytest.fixture(autouse=True)
def nothing_left_over() -> Iterator[None]:
    """Put ``dask.config`` back as it was, and forget the source of cells."""
    before = copy.deepcopy(dask.config.config)
    yield
    dask.config.config.clear()
    dask.config.config.update(before)
    # Cells of different tests go by the same file name.
    linecache.clearcache()


@pytest.fixture(scope="session", autouse=True)
def nothing_left_running() -> Iterator[None]:
    """Fail when a test leaves a process behind."""
    me = psutil.Process()
    before = set(me.children(recursive=True))
    yield
    new = [p for p in set(me.children(recursive=True)) - before if not _is_tracker(p)]
    # Processes in the middle of ending get the time for it.
    _, alive = psutil.wait_procs(new, timeout=10)
    assert not alive, f"still running after the tests: {alive}"


def _is_tracker(process: psutil.Process) -> bool:
    """Whether it is one of multiprocessing's own helpers, which live as long as we do."""
    try:
        line = " ".join(process.cmdline())
    except psutil.Error:
        return False  # it has just ended
    return "resource_tracker" in line or "forkserver" in line

"""What is likely is told while a cell runs, in a real IPython shell."""

from __future__ import annotations

import threading

import dask
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config

import dask_lens
from dask_lens import lens, rules


@pytest.fixture
def loaded(tmp_path, monkeypatch):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.setattr(lens, "_last", None)  # what other tests observed
    # A history of its own would leave a thread behind.
    shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    run(shell, "%load_ext dask_lens")
    yield shell
    if lens.loaded() is not None:
        dask_lens.unload_ipython_extension(shell)
    shell.restore_sys_module_state()
    InteractiveShell.clear_instance()


def run(shell, code):
    """Run a cell, and keep what it shows to itself."""
    with capture_output():
        shell.run_cell(code, store_history=True)


@pytest.fixture
def told(loaded, monkeypatch):
    """What the page is told, in order."""
    assert loaded is not None
    messages = []
    send = lens.loaded().page.send

    def also(kind, content):
        messages.append((kind, content))
        send(kind, content)

    monkeypatch.setattr(lens.loaded().page, "send", also)
    return messages


LOOP = rules.find("compute-in-loop").dont


def test_what_is_likely_is_told_while_the_cell_runs_and_the_report_replaces_it(loaded, told):
    run(loaded, LOOP)  # the rules are loaded meanwhile
    told.clear()
    run(loaded, LOOP)
    reports = [content for kind, content in told if kind == "report"]
    assert [[f.certainty for f in report.findings] for report in reports][:1] == [["likely"]]
    assert [[f.certainty for f in report.findings] for report in reports][-1:] == [["seen"]]
    assert {report.cell for report in reports} == {reports[0].cell}


def test_types_come_from_what_the_names_hold(loaded, told):
    loaded.user_ns["hidden"] = dask.delayed(len)([1])
    run(loaded, "import time\ntime.sleep(0.3)\n1 if True else hidden.compute(chunksize=-1)")
    reports = [content for kind, content in told if kind == "report"]
    assert [f.code for report in reports for f in report.findings][:1] == ["DSK202"]


def test_a_cell_that_is_over_at_once_gets_no_forecast(loaded, told):
    run(loaded, LOOP.replace("0.05", "0"))
    reports = [content for kind, content in told if kind == "report"]
    assert len(reports) <= 2
    run(loaded, "1 + 1;")
    assert told[-1][0] == "report"
    assert told[-1][1].findings == ()


def test_nothing_waits_for_cells_after_unloading(loaded):
    run(loaded, "%unload_ext dask_lens")
    assert [t.name for t in threading.enumerate() if t.name.startswith("dask-lens")] == []

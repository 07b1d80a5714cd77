"""The doors of a notebook, in a real IPython shell."""

from __future__ import annotations

import dask
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config

import dask_lens
from dask_lens import lens, rules

SERIAL = """\
import dask, time
work = [dask.delayed(time.sleep)(0.1) for _ in range(3)]
_ = dask.compute(*work, scheduler="processes", num_workers=3)
"""


@pytest.fixture
def shell(tmp_path, monkeypatch):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.setattr(lens, "_last", None)  # what other tests observed
    monkeypatch.setattr(lens, "_last", None)
    # A history of its own would leave a thread behind.
    shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    yield shell
    if lens.loaded() is not None:
        dask_lens.unload_ipython_extension(shell)
    shell.restore_sys_module_state()
    InteractiveShell.clear_instance()


@pytest.fixture
def loaded(shell):
    run(shell, "%load_ext dask_lens")
    return shell


def run(shell, code):
    """Run a cell, and return everything it showed."""
    with capture_output() as shown:
        result = shell.run_cell(code, store_history=True)
    shown.result = result
    return shown


def bundles(shown):
    return [output.data for output in shown.outputs]


def test_a_cell_without_dask_shows_nothing(loaded):
    shown = run(loaded, "1 + 1;")
    assert (shown.stdout, shown.stderr, bundles(shown)) == ("", "", [])


def test_a_cell_that_is_right_shows_nothing(loaded):
    shown = run(loaded, "import dask\n_ = dask.delayed(sum)([1, 2]).compute(scheduler='sync')")
    assert (shown.stdout, shown.stderr, bundles(shown)) == ("", "", [])


def test_a_serial_batch_is_shown_below_its_cell(loaded):
    (bundle,) = bundles(run(loaded, SERIAL))
    (found,) = bundle["application/vnd.dask-lens.report+json"]["findings"]
    assert (found["code"], found["certainty"], found["line"]) == ("DSK201", "seen", 3)
    assert "processes-small-batch" in bundle["text/html"]
    assert "processes-small-batch" in bundle["text/plain"]
    assert dask_lens.last_report().findings[0].name == "processes-small-batch"


def test_nothing_is_left_in_the_user_namespace(loaded):
    before = set(loaded.user_ns)
    run(loaded, SERIAL)
    new = set(loaded.user_ns) - before
    assert {name for name in new if not name.startswith("_")} == {"dask", "time", "work"}


def test_lens_cell_magic_always_shows_the_card_and_keeps_the_report(loaded):
    code = "%%lens -o kept\nimport dask\ndask.delayed(sum)([1, 2]).compute(scheduler='sync')"
    shown = run(loaded, code)
    assert shown.result.result == 3
    assert any("application/vnd.dask-lens.report+json" in data for data in bundles(shown))
    assert loaded.user_ns["kept"].computations[0].scheduler == "sync"
    assert bundles(run(loaded, "import dask;")) == []


def test_lens_cell_magic_keeps_lines_and_errors_as_they_are(loaded):
    shown = run(loaded, "%%lens\n\n1 / 0")
    assert isinstance(shown.result.error_in_exec, ZeroDivisionError)
    assert shown.result.error_in_exec.__traceback__.tb_next.tb_lineno == 3


def test_lens_cell_magic_above_another_magic(loaded):
    shown = run(loaded, "%%lens\n%%time\ntotal = 1 + 1")
    assert shown.result.success
    assert "Wall time" in shown.stdout
    assert loaded.user_ns["total"] == 2


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("%lens nonsense", "nonsense"),
        ("%lens explain", "takes the name of one rule"),
        ("%lens explain no-such-rule", "no-such-rule"),
        ("%lens on now", "takes no arguments"),
        ("%%lens -o 1x\npass", "variable name"),
        ("%%lens --bogus\npass", "bogus"),
    ],
)
def test_misuse_names_the_way_out(loaded, line, says):
    shown = run(loaded, line)
    assert not shown.result.success
    assert says in shown.stdout + shown.stderr


def test_status_on_and_off(loaded):
    assert ": on;" in run(loaded, "%lens status").stdout
    assert ": off;" in run(loaded, "%lens off").stdout
    assert bundles(run(loaded, SERIAL)) == []
    assert ": on;" in run(loaded, "%lens on").stdout
    assert len(bundles(run(loaded, SERIAL))) == 1


@pytest.mark.parametrize("line", ["help", "--help", "-h"])
def test_help_lists_what_there_is(loaded, line):
    told = run(loaded, f"%lens {line}").stdout
    assert "%lens explain RULE" in told
    assert "%%lens [-o NAME]" in told


def test_report_before_and_after_anything_ran(loaded):
    assert "no cell has used Dask" in run(loaded, "%lens report").stdout
    run(loaded, SERIAL)
    shown = run(loaded, "%lens report").stdout
    assert "idle, tasks were ready" in shown
    assert "chunksize=1" in shown


def test_explain_shows_the_page(loaded):
    shown = run(loaded, "%lens explain DSK201").stdout
    assert "processes-small-batch" in shown
    assert "Don't:" in shown
    assert shown == run(loaded, "%lens explain processes-small-batch").stdout


def test_rules_lists_the_catalogue(loaded):
    shown = run(loaded, "%lens rules").stdout
    assert "DSK101" in shown
    assert "DSK201" in shown


def test_ignored_rules_stay_silent(loaded):
    try:
        run(loaded, "%lens ignore DSK201")
        assert bundles(run(loaded, SERIAL)) == []
    finally:
        dask.config.set({"dask-lens.rules": {}})


def test_inline_never_keeps_cells_quiet(loaded):
    with dask.config.set({"dask-lens.inline": "never"}):
        assert bundles(run(loaded, SERIAL)) == []
    assert dask_lens.last_report().findings


def test_unloading_takes_everything_back(shell):
    magics = {kind: set(names) for kind, names in shell.magics_manager.magics.items()}
    transformers = list(shell.input_transformers_cleanup)
    callbacks = {name: list(f) for name, f in shell.events.callbacks.items()}
    run(shell, "%load_ext dask_lens")
    run(shell, "%unload_ext dask_lens")
    assert {kind: set(n) for kind, n in shell.magics_manager.magics.items()} == magics
    assert shell.input_transformers_cleanup == transformers
    assert {name: list(f) for name, f in shell.events.callbacks.items()} == callbacks
    assert "not found" in run(shell, "%lens status").stderr


def test_reloading_goes_on_observing(loaded):
    run(loaded, "%reload_ext dask_lens")
    assert len(bundles(run(loaded, SERIAL))) == 1
    assert len(bundles(run(loaded, SERIAL))) == 1


def test_observe_in_a_notebook_judges_the_block_apart(loaded):
    code = """\
import dask, dask_lens
dask.delayed(sum)([1]).compute(scheduler="sync")
with dask_lens.observe() as seen:
    dask.delayed(sum)([1, 2]).compute(scheduler="sync")
"""
    run(loaded, code)
    assert len(loaded.user_ns["seen"].report.computations) == 1
    assert len(dask_lens.last_report().computations) == 2


def test_a_rule_that_stumbles_is_named_and_the_others_go_on(loaded, monkeypatch):
    def stumble(_run, _settings):
        raise RuntimeError("stumbled")

    monkeypatch.setattr(rules.find("DSK101"), "_check", stumble)
    (bundle,) = bundles(run(loaded, SERIAL))
    report = bundle["application/vnd.dask-lens.report+json"]
    assert [f["code"] for f in report["findings"]] == ["DSK201"]
    assert any("stumbled" in item["reason"] for item in report["not_judged"])


def test_a_page_that_cannot_be_told_costs_nothing_but_the_page(loaded, monkeypatch):
    def broken(kind, _content):
        raise OSError(f"cannot send {kind}")

    monkeypatch.setattr(lens.loaded().page, "send", broken)
    shown = run(loaded, SERIAL)
    assert shown.result.success
    assert len(bundles(shown)) == 1
    monkeypatch.undo()
    assert len(bundles(run(loaded, SERIAL))) == 1
    run(loaded, "%reload_ext dask_lens")
    assert len(bundles(run(loaded, SERIAL))) == 1


def test_runs_of_older_cells_are_let_go(loaded, monkeypatch):
    monkeypatch.setattr(lens, "KEPT_TASKS", 5)
    for cell in range(3):
        run(loaded, f"import dask\n_ = dask.delayed(sum)([{cell}]).compute(scheduler='sync')")
    reports = list(lens.loaded().reports.values())
    assert [report.run is not None for report in reports] == [False, True, True]
    assert dask_lens.last_report().run is not None


def test_the_run_of_the_last_cell_is_kept_whatever_its_size(loaded, monkeypatch):
    monkeypatch.setattr(lens, "KEPT_TASKS", 0)
    run(loaded, "import dask\n_ = dask.delayed(sum)([1]).compute(scheduler='sync')")
    (*_, report) = lens.loaded().reports.values()
    assert len(report.run.computations) == 1


def asked(**question):
    return list(lens.loaded()._answer(question))


def test_the_lanes_of_a_cell_are_answered_while_its_run_is_kept(loaded, monkeypatch):
    monkeypatch.setattr(lens, "KEPT_TASKS", 5)
    code = "import dask\nwork = [dask.delayed(abs)(i) for i in range({})]\n"
    code += "_ = dask.compute(*work, scheduler='sync')"
    run(loaded, code.format(3))
    count = loaded.execution_count - 1
    (answer,) = asked(kind="lanes", cell_id=None, execution_count=count)
    (lane,) = answer["lanes"].lanes
    assert len(lane.boxes) == 3
    run(loaded, code.format(4))
    (answer,) = asked(kind="lanes", cell_id=None, execution_count=count)
    assert answer["kind"] == "error"
    assert "run the cell again" in answer["message"]


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("key", [{}, {"cell_id": "gone"}, {"execution_count": 999}])
def test_lanes_of_a_cell_that_never_ran_are_an_error(key):
    assert [answer["kind"] for answer in asked(kind="lanes", **key)] == ["error"]


def test_what_more_workers_would_bring_is_answered_or_the_reason_why_not(loaded):
    run(loaded, SERIAL)
    (answer,) = asked(kind="speedup", execution_count=loaded.execution_count - 1)
    assert answer["speedup"].points[0].workers == 1
    run(loaded, "1 + 1")
    (answer,) = asked(kind="speedup", execution_count=loaded.execution_count - 1)
    assert answer == {"kind": "error", "message": "No prediction: nothing was computed."}

"""``%%lens_compare`` in a real IPython shell, and what it shows."""

from __future__ import annotations

import json

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config

import dask_lens
from dask_lens import lens
from dask_lens.compare.comparison import Comparison, Row
from dask_lens.compare.statistics import Ratio
from dask_lens.compare_magic import CompareMagics
from dask_lens.metrics.estimate import Estimate
from dask_lens.present import comparison as views

NAPS = """\
import dask, time
naps = [dask.delayed(time.sleep)(0.1) for _ in range(3)]
"""


@pytest.fixture
def shell(tmp_path, monkeypatch):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.setattr(lens, "_last", None)
    # A history of its own would leave a thread behind.
    shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    run(shell, "%load_ext dask_lens")
    yield shell
    if lens.loaded() is not None:
        dask_lens.unload_ipython_extension(shell)
    shell.restore_sys_module_state()
    InteractiveShell.clear_instance()


def run(shell, code):
    with capture_output() as shown:
        shown.result = shell.run_cell(code, store_history=True)
    return shown


def html_of(shown):
    return "".join(output.data.get("text/html", "") for output in shown.outputs)


def test_schedulers_are_compared_and_the_cells_names_stay(shell):
    run(shell, NAPS)
    shown = run(
        shell, "%%lens_compare sync 'threads, workers=3' -r 5 -o found\nx = dask.compute(*naps)"
    )
    assert shown.result.success
    found = shell.user_ns["found"]
    assert found.recommended == "threads, workers=3"
    assert "x" not in shell.user_ns
    assert "Take threads, workers=3" in html_of(shown)
    assert [output.data for output in shown.outputs if views.MIME_TYPE in output.data]
    assert json.loads(found.to_json())["variants"][1]["verdict"] == "faster"


def test_the_runs_of_a_comparison_are_no_findings_of_the_cell(shell):
    run(shell, NAPS)
    before = dask_lens.last_report()
    shown = run(
        shell, "%%lens_compare 'processes, workers=3' -r 1\n_ = dask.compute(*naps, num_workers=3)"
    )
    assert "DSK201" not in html_of(shown)
    assert dask_lens.last_report() is before


def test_without_a_variant_the_cell_runs_against_what_the_lens_suggests(shell):
    run(shell, "import dask, time\n@dask.delayed\ndef nap(i):\n    time.sleep(0.1)\n    return i")
    run(shell, "naps = [nap(i) for i in range(3)]")
    cell = "dask.compute(*naps, scheduler='processes', num_workers=3)\n"
    run(shell, "%%lens_compare -r 5 -o found\n" + cell)
    found = shell.user_ns["found"]
    names = [row.name for row in found.rows]
    assert names[0] == "as written"
    assert "chunksize=1" in names[1]
    assert found.rows[1].verdict == "faster"
    predicted, waited = found.rows[1].predicted, found.rows[1].waited
    assert predicted.mid == pytest.approx(waited, rel=0.25, abs=0.1)  # three naps, side by side


def test_without_a_variant_what_is_handed_to_a_client_runs_on_clusters(shell):
    run(shell, "from distributed import Client")
    run(shell, "client = Client(processes=False, n_workers=1, dashboard_address=':0')")
    run(shell, "%%lens_compare -r 1 -o found\nx = client.submit(abs, -1).result()")
    run(shell, "client.close()")
    found = shell.user_ns["found"]
    assert [row.error for row in found.rows] == [None, None]
    assert found.rows[1].name.startswith("distributed, workers=")


@pytest.mark.parametrize(
    ("cell", "scheduler"),
    [
        ("dask.compute(*naps)", "threads"),
        ("dask.compute(*naps, scheduler='processes')", "processes"),
        ("dask.compute(*naps, scheduler='sync')", "threads"),
    ],
)
def test_a_curve_without_a_scheduler_is_of_the_one_that_the_cell_uses(shell, cell, scheduler):
    run(shell, NAPS)
    run(shell, f"%%lens_compare --workers 1,2 -r 1 -o found\n{cell}")
    found = shell.user_ns["found"]
    assert [row.name for row in found.rows] == [f"{scheduler}, workers={n}" for n in (1, 2)]
    assert [point.workers for point in found.curve] == [1, 2]


def test_k_keeps_the_names_of_the_last_run(shell):
    run(shell, "y = 1")
    run(shell, "%%lens_compare as-written -r 1 -k\ny = y + 1\nz = 5")
    assert (shell.user_ns["y"], shell.user_ns["z"]) == (2, 5)


def test_k_keeps_the_names_of_the_last_run_that_was_finished(shell):
    cell = "n = next(count)\nif n == 3:\n    raise KeyboardInterrupt"
    run(shell, "import itertools\ncount = itertools.count()")
    run(shell, f"%%lens_compare as-written -r 9 -k\n{cell}")
    assert shell.user_ns["n"] == 2


def test_a_cell_that_writes_asks_first(shell, tmp_path):
    path = tmp_path / "out"
    cell = f"open({str(path)!r}, 'a').write('x')"
    shown = run(shell, f"%%lens_compare as-written -r 1\n{cell}")
    assert "line 1 writes a file" in shown.stderr + shown.stdout
    assert not path.exists()
    run(shell, f"%%lens_compare as-written -r 1 --yes\n{cell}")
    assert path.read_text() == "xx"


def test_a_kept_result_is_shown_as_tables(shell):
    run(shell, "%%lens_compare as-written -r 1 -o found\n1")
    found = shell.user_ns["found"]
    data, _ = shell.display_formatter.format(found)
    assert data["text/plain"].startswith("variant ")
    assert "<table" in data["text/html"]
    assert repr(found).startswith("| variant |")
    run(shell, "%unload_ext dask_lens")
    data, _ = shell.display_formatter.format(found)
    assert data.keys() == {"text/plain"}
    assert data["text/plain"].startswith("| variant |")


@pytest.mark.parametrize("line", ["gpu", "-r", "threads -o 1"])
def test_misuse_is_a_usage_error(shell, line):
    shown = run(shell, f"%%lens_compare {line}\n1")
    assert type(shown.result.error_in_exec).__name__ == "UsageError"


def test_the_docstring_teaches_it_with_examples():
    text = CompareMagics.lens_compare.__doc__
    assert text.count("::") == 4
    for part in ("# %% at once", "--workers 1,2,4", "95 times", "copy of the names"):
        assert part in text


def test_help_teaches_it(shell):
    assert "examples:" in run(shell, "%%lens_compare --help\n1").stdout
    assert "examples:" in run(shell, "%lens_compare --help").stdout


def test_without_a_cell_the_way_out_is_named(shell):
    assert "first line of the cell" in run(shell, "%lens_compare threads").stderr


def test_unloading_takes_the_magic_away(shell):
    run(shell, "%unload_ext dask_lens")
    for kind in ("line", "cell"):
        assert "lens_compare" not in shell.magics_manager.magics[kind]


HOSTILE = "<script>alert(1)</script>"
SHOWN = Comparison(
    rows=(
        Row("base", (1.0, 1.1, 0.9), is_baseline=True, results_equal=True, memory=1 << 20),
        Row(
            HOSTILE,
            (2.0, 2.2, 1.8),
            Ratio(1.9, 2.0, 2.1),
            startup=1.5,
            parallelism=1.5,
            threads=2,
            results_equal=False,
            predicted=Estimate(1.5, 2.2, 2.5),
        ),
        Row("bad", error=f"ValueError: {HOSTILE}\x1b[0m"),
    ),
    warnings=(f"results differ: {HOSTILE}",),
    counts=(1, 2, 4),
)


def test_names_of_variants_are_text_and_differing_results_come_first():
    page = views.html(SHOWN)
    assert "<script" not in page
    assert page.index("The results differ") < page.index("<table")
    assert page.count("<circle") >= 6


def test_the_text_for_terminals_has_all_rows_and_no_control_characters():
    shown = views.text(SHOWN)
    assert "\x1b" not in shown
    assert "DIFFERENT" in shown
    assert "1.90 to 2.10" in shown
    assert "Stay with base" in shown
    assert max(map(len, shown.splitlines()[:6])) < 100  # why one failed stands below
    assert "\nbad: ValueError" in shown


def test_the_curve_is_over_the_fewest_workers():
    assert [point.workers for point in SHOWN.curve] == [1, 2]
    assert SHOWN.curve[1].speedup == pytest.approx(0.5)
    assert SHOWN.curve[1].predicted == pytest.approx(1 / 2.2)
    assert SHOWN.curve[1].serial_fraction == pytest.approx(3.0)

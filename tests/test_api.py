"""The doors of Python code: ``observe``, ``check`` and ``last_report``."""

from __future__ import annotations

import json
import time
from pathlib import Path

import dask
import pytest

import dask_lens
from dask_lens.lens import check
from dask_lens.record.cell import Cell
from dask_lens.record.run import Run
from dask_lens.report import Report, analyze

CLEAN = """\
from dask.distributed import Client
client = Client()
future = client.submit(sum, [1, 2])
"""

RECURSIVE = """\
from dask.distributed import Client, get_client
client = Client()
def load(path):
    return get_client().scatter(open(path).read())
future = client.submit(load, "data.csv")
"""


def notebook(*sources):
    cells = [{"cell_type": "markdown", "source": "# Title", "metadata": {}}]
    cells += [
        {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "id": f"c{i}"}
        for i, source in enumerate(sources)
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def places(findings):
    return [(f.code, f.certainty, f.cell_id, f.cell, f.line) for f in findings]


def test_clean_code_has_no_findings():
    assert dask_lens.check(CLEAN) == []


def test_code_in_a_string_is_judged_without_running():
    assert places(dask_lens.check(RECURSIVE)) == [("DSK101", "likely", None, None, 4)]


def test_a_script_is_judged(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(RECURSIVE)
    # Of a string nobody knows whether it is run as a script.
    expected = [("DSK101", "likely", None, None, 4), ("DSK210", "likely", None, None, 2)]
    assert places(dask_lens.check(script)) == places(dask_lens.check(str(script))) == expected


def test_a_notebook_is_judged_across_its_cells(tmp_path):
    head, body = RECURSIVE.split("client = Client()\n")
    path = tmp_path / "notebook.ipynb"
    path.write_text(notebook(head + "client = Client()", "%%time\n" + body))
    expected = [("DSK101", "likely", "c1", 1, 3)]
    assert places(dask_lens.check(path)) == expected
    assert places(dask_lens.check(path.read_text())) == expected


@pytest.mark.parametrize("name", ["missing.py", "missing.ipynb"])
def test_a_missing_file_is_named(tmp_path, name):
    with pytest.raises(ValueError, match=name):
        dask_lens.check(tmp_path / name)
    with pytest.raises(ValueError, match=name):
        check(str(tmp_path / name))


@pytest.mark.parametrize("content", ["", "{", "[]", '{"cells": 3}'])
def test_a_malformed_notebook_is_named(tmp_path, content):
    path = tmp_path / "broken.ipynb"
    path.write_text(content)
    with pytest.raises(ValueError, match=r"broken\.ipynb"):
        dask_lens.check(path)


def test_what_is_neither_code_nor_a_path_is_refused():
    with pytest.raises(TypeError, match="code, or the path of a file, and got int"):
        dask_lens.check(3)


def test_code_that_does_not_parse_has_no_findings_but_is_not_judged():
    report = analyze(Run((Cell("def broken(:"),)))
    assert report.findings == ()
    assert report.not_judged


@pytest.mark.parametrize("comment", ["", "[future-returned-from-task]", "[DSK101]", "[dsk101, x]"])
def test_an_ignore_comment_silences_its_line(comment):
    line = "    return get_client().scatter(open(path).read())"
    assert not dask_lens.check(RECURSIVE.replace(line, f"{line}  # dask-lens: ignore{comment}"))


def test_an_ignore_comment_for_another_rule_silences_nothing():
    line = "    return get_client().scatter(open(path).read())"
    ignored = RECURSIVE.replace(line, f"{line}  # dask-lens: ignore[tiny-tasks]")
    assert len(dask_lens.check(ignored)) == 1


def test_a_block_is_observed_with_its_lines():
    work = [dask.delayed(time.sleep)(0.2) for _ in range(3)]
    with dask_lens.observe() as seen:
        assert seen.report is None
        dask.compute(*work, scheduler="processes", num_workers=3)  # this line
    here = Path(__file__).read_text(encoding="utf-8").splitlines()
    (line,) = [n for n, text in enumerate(here, 1) if text.endswith("  # this line")]
    (finding,) = seen.report.findings
    assert (finding.code, finding.line) == ("DSK201", line)
    assert seen.report.computations[0].line == line
    assert dask_lens.last_report() is seen.report


def test_a_report_keeps_its_run_aside_from_the_wire():
    with dask_lens.observe() as seen:
        dask.delayed(sum)([1, 2]).compute(scheduler="sync")
    report = seen.report
    assert report.run is seen.run
    assert "run" not in report.to_dict()
    assert "run=" not in repr(report)
    back = Report.from_dict({**report.to_dict(), "run": "of another version"})
    assert back.run is None
    assert back == report


def test_an_error_in_a_block_is_the_callers_own():
    with pytest.raises(ZeroDivisionError) as caught, dask_lens.observe() as seen:
        dask.delayed(divmod)(1, 0).compute(scheduler="sync")
    assert seen.run.error == "ZeroDivisionError"
    assert not any("dask_lens" in str(entry.path) for entry in caught.traceback)


def test_a_block_without_dask_has_an_empty_report():
    with dask_lens.observe() as seen:
        pass
    assert seen.report.headline == "nothing was computed"
    assert seen.report.parallelism is None
    assert seen.report.findings == ()


def observed(scheduler, count=4, **how):
    nap = dask.delayed(time.sleep, pure=False)
    with dask_lens.observe() as seen:
        dask.compute(*[nap(0.1) for _ in range(count)], scheduler=scheduler, **how)
    return seen.report


def test_a_report_predicts_other_numbers_of_workers():
    report = observed("threads", num_workers=1)
    assert report.predict().mid == pytest.approx(0.4, rel=0.15)
    assert report.predict(workers=4).mid == pytest.approx(0.1, rel=0.15)
    assert report.predict(scheduler="sync").mid == pytest.approx(0.4, rel=0.15)
    assert [point.workers for point in report.speedup().points][-1] == 64
    assert report.not_judged == ()


def test_a_prediction_of_processes_has_their_start_in_it():
    report = observed("sync", num_workers=1)
    made = report.predict(scheduler="processes", workers=2, threads_per_worker=1, chunksize=1)
    assert made.low < made.mid < made.high
    assert made.mid > 0.25


def test_why_nothing_is_predicted_is_in_the_report():
    with dask_lens.observe() as seen:
        pass
    assert seen.report.predict(workers=2) is None
    assert seen.report.speedup() is None
    assert [(n.name, n.reason) for n in seen.report.not_judged] == [
        ("whatif", "nothing was computed")
    ]


def test_a_report_that_was_read_back_predicts_nothing():
    again = Report.from_dict(observed("sync").to_dict())
    assert again.predict(workers=2) is None
    assert "read back" in again.not_judged[-1].reason


def test_an_unknown_scheduler_is_refused():
    with pytest.raises(ValueError, match="scheduler must be one of"):
        observed("sync").predict(scheduler="ray")

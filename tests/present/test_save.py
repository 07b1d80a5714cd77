"""Reports as files: what is in them, and what stands in the way of writing them."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from html.parser import HTMLParser

import dask
import pytest
from timelines import computation, task

import dask_lens
from dask_lens.metrics.estimate import Estimate
from dask_lens.metrics.speedup import speedup
from dask_lens.present import drawing
from dask_lens.record.cell import Cell, Place
from dask_lens.record.run import NotJudged, Run
from dask_lens.record.wire import WireError
from dask_lens.report import FindingReport, Report, analyze
from dask_lens.rewrite import Edit, Proposal, Untouched

HOSTILE = '</title></style><script>alert("x")</script><img src=x onerror=alert(1)>\x1b[31m&amp;'
#: Elements that have no end.
VOID = {"meta"}


def run(name="load", source="x.compute()\n"):
    """Two tasks in a row, one beside them."""
    ran = computation(
        task(f"{name}-1", 0, 1),
        task(f"{name}-2", 1, 3),
        task("other", 0, 2, thread=1, worker=name),
        stop=3.0,
        threads=3,
        edges=[(f"{name}-1", f"{name}-2")],
        place=Place(0, 1),
    )
    return Run((Cell(source, "c1", 4),), 0, computations=(ran,))


def finding(words="2 of 3 tasks"):
    edit = Edit("c1", None, f"{words}\n", f"{words}, but better\n")
    return FindingReport(
        "DSK201", words, "slow", "seen", words, words, 1.5, "c1", None, 1, None, None, None,
        {words: words}, (Proposal(words, "ask", words, (edit,), Estimate(1, 2, 3)),),
        (Untouched(words, words),),
    )  # fmt: skip


class Page(HTMLParser):
    """Elements and attributes of a page, each opened and closed."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.open, self.seen, self.attributes, self.text = [], [], [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def page(report, tmp_path):
    html = report.save(tmp_path / "run.html").read_text(encoding="utf-8")
    shown = Page(html)
    assert shown.open == []
    return shown, html


def test_json_reads_back_as_it_was(tmp_path):
    report = replace(analyze(run()), findings=(finding(),))
    path = report.save(str(tmp_path / "run.json"))
    assert Report.from_dict(json.loads(path.read_text(encoding="utf-8"))) == report


def test_json_of_another_version_is_refused_by_name(tmp_path):
    data = json.loads(analyze(run()).save(tmp_path / "run.json").read_text(encoding="utf-8"))
    with pytest.raises(WireError, match="version 99 of the format"):
        Report.from_dict({**data, "version": 99})


def test_a_trace_has_the_tasks(tmp_path):
    path = analyze(run()).save(tmp_path / "run.trace.json")
    events = json.loads(path.read_text(encoding="utf-8"))["traceEvents"]
    assert {e["args"]["key"] for e in events if e.get("cat") == "task"} == {
        "load-1", "load-2", "other",
    }  # fmt: skip


def test_the_page_shows_everything_that_is_known(tmp_path):
    blind = (NotJudged("waiting", "no CPU time"),)
    report = replace(analyze(run()), findings=(finding(),), not_judged=blind)
    shown, _ = page(report, tmp_path)
    text = " ".join(shown.text)
    for part in (
        report.headline, report.limit, "on the CPU", "thread 1", "another thread",
        "on the critical path", "Critical path of threads, line 1: 3 s",
        "load-2: 2 s, from 1 s", "but better",
        "predicted 2 s (1 s to 3 s)",
        "no CPU time", "x.compute()", "cell [4]",
    ):  # fmt: skip
        assert part in text, part


def test_the_page_needs_no_script_and_no_network(tmp_path):
    shown, html = page(replace(analyze(run()), findings=(finding(),)), tmp_path)
    assert not {"script", "link", "img", "iframe", "object", "base"} & set(shown.seen)
    assert not [name for name, _ in shown.attributes if name in ("src", "href", "action")]
    assert "url(" not in html
    assert "@import" not in html
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in shown.attributes


def test_the_page_draws_what_more_workers_would_bring(tmp_path):
    work = [dask.delayed(time.sleep)(0.05) for _ in range(6)]
    with dask_lens.observe() as seen:
        dask.compute(*work, scheduler="threads", num_workers=2)
    shown, _ = page(seen.report, tmp_path)
    text = " ".join(shown.text)
    curve = speedup(seen.run)
    assert curve.text in text
    assert shown.seen.count("circle") == len(curve.points)
    for point in curve.points:
        assert f"{point.workers} workers: " in text


def test_a_script_of_any_length_is_cut(tmp_path):
    _, html = page(analyze(run(source="x = 1\n" * 1000)), tmp_path)
    assert "… 800 more lines" in html


@pytest.mark.parametrize(
    ("duration", "marks"),
    [
        (0.0, []),
        (1.0, [0.2, 0.4, 0.6, 0.8]),
        (0.163, [0.05, 0.1, 0.15]),
        (59.0, [10, 20, 30, 40, 50]),
        (6.0, [1, 2, 3, 4, 5]),
    ],
)
def test_the_marks_of_the_timeline_are_round(duration, marks):
    assert drawing.ticks(duration) == pytest.approx(marks)


def test_hostile_text_stays_text_on_the_page(tmp_path):
    report = replace(
        analyze(run(HOSTILE, HOSTILE)),
        headline=HOSTILE,
        limit=HOSTILE,
        findings=(finding(HOSTILE),),
        not_judged=(NotJudged(HOSTILE, HOSTILE),),
    )
    shown, html = page(report, tmp_path)
    assert not {"script", "img"} & set(shown.seen)
    assert shown.seen.count("style") == 1
    assert "\x1b" not in html
    assert HOSTILE.replace("\x1b", "\\x1b") in " ".join(shown.text)


def test_hostile_text_stays_text_in_a_trace(tmp_path):
    path = analyze(run(HOSTILE)).save(tmp_path / "run.trace.json")
    events = json.loads(path.read_text(encoding="utf-8"))["traceEvents"]
    assert f"{HOSTILE}-1" in {event["name"] for event in events}


def test_a_report_without_its_run_has_a_page_that_says_what_is_missing(tmp_path):
    shown, _ = page(replace(analyze(run()), run=None), tmp_path)
    assert "was not kept" in " ".join(shown.text)


def test_a_report_of_nothing_has_a_page(tmp_path):
    shown, _ = page(analyze(Run((Cell(""),), 0)), tmp_path)
    assert "nothing was computed" in " ".join(shown.text)


def test_a_report_without_its_run_cannot_be_a_trace_and_says_the_way_out(tmp_path):
    with pytest.raises(ValueError, match=r"run the cell again, or save as \.json or \.html"):
        replace(analyze(run()), run=None).save(tmp_path / "run.trace.json")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["run", "run.txt", "run.html.gz", "html", ".json/"])
def test_an_unknown_suffix_is_refused_with_those_that_are_known(tmp_path, name):
    with pytest.raises(ValueError, match=r"must end in \.trace\.json, \.json, \.html"):
        analyze(run()).save(f"{tmp_path}/{name}" if name != ".json/" else tmp_path)


@pytest.mark.parametrize("name", ["missing/run.html", "folder.html"])
def test_a_path_that_cannot_be_written_is_said_with_the_way_out(tmp_path, name):
    (tmp_path / "folder.html").mkdir()
    with pytest.raises(OSError, match=r"cannot write there: .*name a file in a folder"):
        analyze(run()).save(tmp_path / name)


def test_a_file_of_that_name_is_replaced(tmp_path):
    (tmp_path / "run.HTML").write_text("old", encoding="utf-8")
    analyze(run()).save(tmp_path / "run.HTML")
    assert "old" not in (tmp_path / "run.HTML").read_text(encoding="utf-8")[:100]

"""Text and HTML of a report: complete, escaped, standing alone."""

from __future__ import annotations

import json
from dataclasses import astuple
from html.parser import HTMLParser

import pytest
from IPython.core.formatters import DisplayFormatter

from dask_lens.metrics.accounts import Budget
from dask_lens.metrics.bounds import Bounds
from dask_lens.metrics.efficiencies import Efficiencies
from dask_lens.metrics.estimate import Estimate
from dask_lens.metrics.parallelism import Parallelism
from dask_lens.present import inline, text
from dask_lens.present.document import document
from dask_lens.present.legend import ACCOUNTS
from dask_lens.record.run import NotJudged
from dask_lens.report import CellReference, ComputationReport, FindingReport, Report
from dask_lens.rewrite import Edit, Proposal, Untouched

HOSTILE = '<script>alert("x")</script>\x1b[31m'


def finding(**changes):
    values = {
        "code": "DSK201", "name": "processes-small-batch", "kind": "slow", "certainty": "seen",
        "message": "4 tasks ran one after another", "advice": "Send one task per batch.",
        "cost": 14.9, "cell_id": "c1", "cell": None, "line": 3, "column": 1, "end_line": 3,
        "end_column": 20,
        "proposals": (
            Proposal(
                "set-chunksize", "same", "Send one task per batch",
                (Edit("c1", None, "d.compute()\n", "d.compute(chunksize=1)\n"),),
                Estimate(5, 6, 7),
            ),
        ),
    }  # fmt: skip
    return FindingReport(**{**values, **changes})


def report(*findings, **changes):
    values = {
        "version": 1,
        "cell": CellReference("c1", 4),
        "headline": "1.0 of 4 in parallel · 20.3 s · 4 tasks · processes",
        "parallelism": Parallelism(1.0, 4, 4.0),
        "budget": Budget(total=81.2, waiting=20.0, cpu=0.3, scheduling=60.9),
        "findings": findings,
    }
    return Report(**{**values, **changes})


class Tags(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.open, self.seen, self.attributes = [], set(), set()
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_hostile_text_becomes_neither_markup_nor_terminal_control():
    hostile = report(
        finding(
            message=HOSTILE,
            advice=HOSTILE,
            name=HOSTILE,
            untouched=(Untouched(HOSTILE, HOSTILE),),
        ),
        headline=HOSTILE,
        not_judged=(NotJudged(HOSTILE, HOSTILE),),
    )  # fmt: skip
    html = Tags(inline.html(hostile))
    assert "script" not in html.seen
    assert html.open == []
    assert "\x1b" not in text.summary(hostile)
    assert "\x1b" not in text.full(hostile)


def test_the_html_stands_alone():
    html = Tags(inline.html(report(finding())))
    assert html.seen <= {"div", "span", "b", "details", "summary", "pre"}
    assert html.attributes <= {"style"}


def test_the_bundle_holds_json_html_and_text_of_one_report():
    shown = report(finding())
    bundle = inline.bundle(shown)
    assert json.loads(json.dumps(bundle[inline.MIME_TYPE])) == shown.to_dict()
    for content in (bundle["text/html"], bundle["text/plain"]):
        assert "1.0 of 4 in parallel" in content
        assert "processes-small-batch" in content


def test_reports_come_back_from_json_as_they_were():
    shown = report(finding(), finding(line=None, proposals=()))
    assert Report.from_dict(json.loads(json.dumps(shown.to_dict()))) == shown


def test_the_full_text_shows_the_budget_and_the_change():
    shown = text.full(report(finding()))
    assert "idle, tasks were ready" in shown
    assert "75.0%" in shown
    assert "-d.compute()" in shown
    assert "+d.compute(chunksize=1)" in shown


def test_what_could_not_be_looked_at_is_said():
    blind = report(not_judged=(NotJudged("waiting", "no CPU time"),))
    assert "Could not look" in text.summary(blind)
    assert "Could not look" in inline.html(blind)


def test_a_reason_for_not_rewriting_is_shown():
    refused = report(finding(untouched=(Untouched("set-chunksize", "**options hides it"),)))
    assert "**options hides it" in text.summary(refused)
    assert "**options hides it" in inline.html(refused)


def test_likely_is_told_from_seen():
    assert "(likely)" in text.summary(report(finding(certainty="likely")))
    assert "(likely)" not in text.summary(report(finding()))


def test_every_account_has_words_and_a_colour():
    accounts = [f for f in Budget.__dataclass_fields__ if f != "total"]
    assert [name for name in ACCOUNTS if name != "tasks"] == accounts
    for account in ACCOUNTS.values():
        assert all(astuple(account))
    assert len({account.sign for account in ACCOUNTS.values()}) == len(ACCOUNTS)


def test_the_full_text_stacks_the_accounts_in_one_bar_with_a_legend():
    spent = Budget(total=8.0, waiting=2.0, scheduling=5.99, tail=0.01)
    bar, *legend = text.full(report(budget=spent)).partition("thread time went:\n")[2].splitlines()
    assert bar == f"  [{'=' * 15}{'s' * 45}]"
    assert [line.split()[0] for line in legend] == ["=", "s"]  # the tail is too thin to see
    assert legend[1].split()[-3:] == ["5.99", "s", "74.9%"]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.0, "0 s"),
        (1.3e-05, "13 µs"),
        (0.0123, "0.012 s"),
        (0.5, "0.5 s"),
        (4.04, "4 s"),
        (14.9, "15 s"),
        (200, "3 min 20 s"),
    ],
)
def test_durations_read_well(value, words):
    assert text.seconds(value) == words


def test_time_in_tasks_is_not_shown_as_cpu_where_nobody_measured_that():
    spent = Budget(total=8.0, cpu=6.0, scheduling=2.0)
    for blind in (False, True):
        told = (NotJudged("waiting", "all counted as cpu"),) if blind else ()
        shown = report(budget=spent, not_judged=told)
        for view in (text.full(shown), inline.html(shown), document(shown)):
            seen = view.replace("whether on the CPU is not known", "")
            assert ("on the CPU" in seen, "in tasks" in seen) == (not blind, blind)


def test_what_limits_a_run_is_said_in_every_view_and_escaped():
    limited = report(limit=f"3.9 of 4.0 s: {HOSTILE}")
    assert "What limits it: 3.9 of 4.0 s" in text.full(limited)
    assert "What limits it: 3.9 of 4.0 s: &lt;script&gt;" in inline.html(limited)
    assert "What limits it" not in inline.html(report())


def test_the_full_report_names_the_efficiencies():
    factors = Efficiencies(client=1.0, dependencies=0.5, tail=0.75, scheduling=1.0, movement=1.0)
    told = text.full(report(efficiencies=factors))
    assert "client 100% x dependencies 50% x tail 75% x scheduling 100% x movement 100%" in told


def test_the_full_report_names_work_span_and_what_they_allow():
    ran = ComputationReport(
        "threads", None, 3, 4, 2, 0.0, 5.0, 1.2, 1.2, None, Bounds(6.0, 5.0, 5.0, 5.5)
    )
    told = text.full(report(computations=(ran,)))
    assert "threads, line 3: work 6 s, longest chain 5 s; on 2 threads at least 5 s" in told
    assert "at most 5.5 s without overheads" in told


def test_a_proposal_says_what_it_would_bring_or_why_that_is_not_known():
    known = finding()
    edits = known.proposals[0].edits
    unknown = finding(
        proposals=(Proposal("set-chunksize", "same", "One", edits, unpredicted=HOSTILE),)
    )
    assert "predicted 6 s (5 s to 7 s)" in text.full(report(known))
    assert "predicted 6 s (5 s to 7 s)" in inline.html(report(known))
    assert "no estimate: <script>" in text.full(report(unknown))
    assert "no estimate: &lt;script&gt;" in inline.html(report(unknown))
    older = finding(proposals=(Proposal("set-chunksize", "same", "One", edits),))
    assert "estimate" not in text.full(report(older))


def test_a_report_that_is_the_last_value_of_a_cell_is_shown_as_one():
    shown, _ = DisplayFormatter().format(report())
    assert shown == inline.bundle(report())
    assert shown["text/plain"].startswith("Dask Lens: ")

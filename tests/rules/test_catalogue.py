"""What holds of every rule, shown on its own examples: as text, when run, and as recorded."""

from __future__ import annotations

import functools
import json
from string import Formatter

import pytest
from performing import RECORDINGS, Performed, cells_of, performed, recorded

from dask_lens import rules
from dask_lens.record.cell import Cell
from dask_lens.record.run import Run
from dask_lens.report import FindingReport, analyze
from dask_lens.rewrite import Proposal
from dask_lens.rule import Rule

MARK = "  # found here"
RULES = [pytest.param(rule, id=rule.name) for rule in rules.catalogue()]
READ = [pytest.param(r, id=r.name) for r in rules.catalogue() if "source" in r.needs]
#: Rules of what is slow: the mistake and its remedy compute the same.
SLOW = [pytest.param(r, id=r.name) for r in rules.catalogue() if r.kind == "slow"]


@functools.cache
def performed_once(code: str) -> Performed:
    return performed(code)


def is_plain(value: object) -> bool:
    """Whether a value can be compared, and means the same in two runs."""
    if isinstance(value, (list, tuple)):
        return all(map(is_plain, value))
    if isinstance(value, dict):
        return all(map(is_plain, value.values()))
    return value is None or isinstance(value, (bool, int, float, complex, str, bytes))


def texts(code: str) -> tuple[Cell, ...]:
    return tuple(Cell(source, f"cell-{n}", None, n) for n, source in enumerate(cells_of(code)))


def judged(runs: list[Run]) -> list[FindingReport]:
    return [finding for run in runs for finding in analyze(run).findings]


def assert_found_at_the_mark(rule: Rule, findings: list[FindingReport]) -> FindingReport:
    """Check that it is found, once, on the marked line, and only that; return it."""
    [marked] = [
        (f"cell-{n}", line)
        for n, source in enumerate(cells_of(rule.dont))
        for line, text in enumerate(source.split("\n"), start=1)
        if text.endswith(MARK)
    ]
    own = [finding for finding in findings if finding.code == rule.code]
    assert [(f.code, f.cell_id, f.line) for f in own] == [(rule.code, *marked)]
    assert {f.code for f in findings} - {rule.code} <= set(rule.also)
    return own[0]


def assert_says_all(rule: Rule, finding: FindingReport) -> None:
    """Check that the words of the rule have what they need, and no more than that is told."""
    template = rule.message if finding.certainty == "seen" else rule.forecast
    wanted = {name for _, name, _, _ in Formatter().parse(template) if name}
    assert wanted <= set(finding.evidence)
    assert "{" not in finding.message


def applied(code: str, proposal: Proposal) -> list[str]:
    """Return the cells of an example after a proposal."""
    sources = cells_of(code)
    for edit in proposal.edits:
        assert edit.cell_id is not None
        number = int(edit.cell_id.removeprefix("cell-"))
        assert sources[number] == edit.before
        sources[number] = edit.after
    return sources


def assert_mended(rule: Rule, finding: FindingReport) -> None:
    """Check that the first rewrite makes ``do`` of ``dont``, and does nothing a second time."""
    assert {p.name for p in finding.proposals} <= set(rule.rewrite)
    if not rule.rewrite:
        return
    first = finding.proposals[0]
    assert first.name == rule.rewrite[0]
    if first.safety == "tip":
        assert first.edits == ()
        return
    after = [source.replace(MARK, "") for source in applied(rule.dont, first)]
    assert after == cells_of(rule.do)
    again = analyze(Run(texts("# %%\n".join(after))))
    assert again.findings == ()


def assert_estimated_or_told_why_not(findings: list[FindingReport]) -> None:
    """Check that each proposal has an estimate or the reason why there is none."""
    proposals = [proposal for finding in findings for proposal in finding.proposals]
    assert [p.name for p in proposals if (p.estimate is None) != bool(p.unpredicted)] == []


@pytest.mark.parametrize("rule", RULES)
def test_do_is_silent_as_text(rule: Rule) -> None:
    assert analyze(Run(texts(rule.do))).findings == ()


@pytest.mark.parametrize("rule", READ)
def test_dont_is_found_in_the_text(rule: Rule) -> None:
    finding = assert_found_at_the_mark(rule, list(analyze(Run(texts(rule.dont))).findings))
    assert finding.certainty == "likely"
    assert_says_all(rule, finding)
    assert_mended(rule, finding)


@pytest.mark.parametrize("rule", RULES)
def test_do_is_silent_when_recorded(rule: Rule) -> None:
    assert judged(recorded(f"{rule.name}.do")) == []


@pytest.mark.parametrize("rule", RULES)
def test_dont_is_found_when_recorded(rule: Rule) -> None:
    findings = judged(recorded(f"{rule.name}.dont"))
    finding = assert_found_at_the_mark(rule, findings)
    assert finding.certainty == ("seen" if rule.is_confirmed else "likely")
    assert_estimated_or_told_why_not(findings)
    assert_says_all(rule, finding)
    assert_mended(rule, finding)


@pytest.mark.parametrize("rule", RULES)
def test_the_recordings_are_of_these_examples(rule: Rule) -> None:
    for kind, code in (("dont", rule.dont), ("do", rule.do)):
        document = json.loads((RECORDINGS / f"{rule.name}.{kind}.json").read_text("utf-8"))
        assert [cell["source"] for cell in document["runs"][-1]["cells"]] == cells_of(code)


@pytest.mark.parametrize("rule", RULES)
def test_do_is_silent_when_run(rule: Rule) -> None:
    assert judged(performed_once(rule.do).runs) == []


@pytest.mark.parametrize("rule", RULES)
def test_dont_is_found_when_run(rule: Rule) -> None:
    finding = assert_found_at_the_mark(rule, judged(performed_once(rule.dont).runs))
    assert finding.certainty == ("seen" if rule.is_confirmed else "likely")
    assert_says_all(rule, finding)
    assert_mended(rule, finding)


@pytest.mark.parametrize("rule", SLOW)
def test_what_is_faster_gives_the_same(rule: Rule) -> None:
    slow, quick = performed_once(rule.dont).names, performed_once(rule.do).names
    both = [n for n in slow.keys() & quick.keys() if not n.startswith("__")]
    plain = [n for n in both if is_plain(slow[n]) and is_plain(quick[n])]
    assert {n: slow[n] for n in plain} == {n: quick[n] for n in plain}


@pytest.mark.parametrize("rule", RULES)
def test_what_it_can_look_at_decides_whether_it_finds(rule: Rule) -> None:
    assert analyze(Run(())).findings == ()
    assert list(rule.run(Run((Cell("x = 1"),)), {})) == []

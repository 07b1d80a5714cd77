"""What the rules find in a run, ranked, and as it travels: with places and rewrites worked out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from dask_lens import config, rewrites, rules
from dask_lens.record.cell import Cell, Place
from dask_lens.record.run import NotJudged, Run
from dask_lens.rewrite import Proposal, Untouched
from dask_lens.rule import KINDS, Finding, Rule
from dask_lens.source.ignores import ignores


@dataclass(frozen=True)
class FindingReport:
    """A finding as it travels: see :class:`dask_lens.rule.Finding` and the rule's page.

    Parameters
    ----------
    cell_id, cell
        The cell to change: its notebook id, and its index among the code cells of a file.
    line, column, end_line, end_column
        The place to change, from 1, the end column exclusive.
    cost
        Seconds lost, measured; None where not measured.
    proposals
        What the code could be, best first.
    untouched
        Rewrites that fit this rule but not this code, with the reason.
    """

    code: str
    name: str
    kind: str
    certainty: str
    message: str
    advice: str
    cost: float | None
    cell_id: str | None
    cell: int | None
    line: int | None
    column: int | None
    end_line: int | None
    end_column: int | None
    evidence: dict[str, Any] = field(default_factory=dict)
    proposals: tuple[Proposal, ...] = ()
    untouched: tuple[Untouched, ...] = ()


def find(run: Run) -> tuple[tuple[FindingReport, ...], list[NotJudged]]:
    """Run every rule over a run.

    Parameters
    ----------
    run
        What happened, or what was written.

    Returns
    -------
    findings, not_judged
        Findings worst first; and what rules could not look at, those that stumbled among them.
    """
    found: list[Finding] = []
    not_judged: list[NotJudged] = []
    for rule in rules.catalogue():
        for item in _ask(rule, run):
            if isinstance(item, Finding):
                found.append(item)
            else:
                not_judged.append(item)
    spoken = _ranked(_spoken(found, run.cells))
    return tuple(_report_finding(finding, run.cells) for finding in spoken), not_judged


def _ask(rule: Rule, run: Run) -> Iterable[Finding | NotJudged]:
    settings = config.rule_settings(rule.name)
    if not settings.pop("enabled", True):
        return []
    try:
        return list(rule.run(run, settings))
    except Exception as error:  # noqa: BLE001 - one rule's stumble must not cost the whole report
        return [NotJudged(rule.name, f"the rule stumbled over this run: {error!r}")]


def _spoken(found: list[Finding], cells: tuple[Cell, ...]) -> list[Finding]:
    """Leave out what a comment in the code silences."""
    given = ignores(cells)

    def silenced(finding: Finding) -> bool:
        place, names = finding.place, (finding.rule.name, finding.rule.code.lower())
        return place is not None and any(i.silences(place, n) for i in given for n in names)

    return [finding for finding in found if not silenced(finding)]


def _ranked(found: list[Finding]) -> list[Finding]:
    def rank(finding: Finding) -> tuple[int, float]:
        return KINDS.index(finding.rule.kind), -(finding.cost or 0.0)

    return sorted(found, key=rank)


def _report_finding(finding: Finding, cells: tuple[Cell, ...]) -> FindingReport:
    proposals: list[Proposal] = []
    untouched: list[Untouched] = []
    for fix in finding.fixes:
        place = fix.place or finding.place
        if place is None:
            untouched.append(Untouched(fix.rewrite, "no line of the notebook led to it"))
            continue
        rewrite = rewrites.catalogue()[fix.rewrite]
        outcome = rewrite.propose(cells, place, fix.arguments, fix.estimate)
        if isinstance(outcome, Proposal):
            proposals.append(outcome)
        else:
            untouched.append(outcome)
    where = _where(finding.place, cells)
    return FindingReport(
        code=finding.rule.code,
        name=finding.rule.name,
        kind=finding.rule.kind,
        certainty=finding.certainty,
        message=finding.message,
        advice=finding.rule.advice,
        cost=finding.cost,
        **where,
        evidence=dict(finding.evidence),
        proposals=tuple(proposals),
        untouched=tuple(untouched),
    )


def _where(place: Place | None, cells: tuple[Cell, ...]) -> dict[str, Any]:
    if place is None:
        return dict.fromkeys(("cell_id", "cell", "line", "column", "end_line", "end_column"))
    return {
        "cell_id": cells[place.cell].cell_id,
        "cell": cells[place.cell].index,
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
    }

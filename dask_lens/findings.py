"""A finding as it travels: with its place and its rewrites worked out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from dask_lens import rewrites
from dask_lens.metrics.change import Change
from dask_lens.metrics.estimate import Estimate
from dask_lens.metrics.whatif import predict
from dask_lens.record.cell import Cell, Place
from dask_lens.record.computation import Computation
from dask_lens.record.run import NotJudged
from dask_lens.rewrite import Proposal, Untouched
from dask_lens.rule import Finding, Fix

#: Why there is no estimate, where a rewrite's effect is not one that can be replayed.
_RESULT = "it changes what is computed, not how long that takes"
_CONTENT = "what the changed tasks take shows when they run"
_UNSEEN = "nothing of it has been measured yet"


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


def reported(
    finding: Finding,
    cells: tuple[Cell, ...],
    outcomes: Iterable[Proposal | Untouched] | None = None,
    ran: Sequence[Computation] = (),
) -> FindingReport:
    """Return a finding as it travels.

    Parameters
    ----------
    finding
        What a rule found.
    cells
        The cells of the run.
    outcomes
        What became of its rewrites. Default: they are worked out, see :func:`rewritten`.
    ran
        What Dask was seen to compute.
    """
    made = tuple(rewritten(finding, cells, ran) if outcomes is None else outcomes)
    return FindingReport(
        code=finding.rule.code,
        name=finding.rule.name,
        kind=finding.rule.kind,
        certainty=finding.certainty,
        message=finding.message,
        advice=finding.rule.advice,
        cost=finding.cost,
        **where(finding.place, cells),
        evidence=dict(finding.evidence),
        proposals=tuple(outcome for outcome in made if isinstance(outcome, Proposal)),
        untouched=tuple(outcome for outcome in made if isinstance(outcome, Untouched)),
    )


def rewritten(
    finding: Finding, cells: tuple[Cell, ...], ran: Sequence[Computation] = ()
) -> Iterator[Proposal | Untouched]:
    """Work out the rewrites that a finding asks for, one by one, best first.

    Parameters
    ----------
    finding, cells, ran
        As for :func:`reported`.
    """
    for fix in finding.fixes:
        place = fix.place or finding.place
        if place is None:
            yield Untouched(fix.rewrite, "no line of the notebook led to it")
        else:
            rewrite = rewrites.catalogue()[fix.rewrite]
            made = rewrite.propose(cells, place, fix.arguments)
            if isinstance(made, Proposal):
                outcome = fix.estimate or _predicted(finding, fix, rewrite.effect, ran)
                if isinstance(outcome, NotJudged):
                    made = replace(made, unpredicted=outcome.reason)
                else:
                    made = replace(made, estimate=outcome)
            yield made


def _predicted(
    finding: Finding, fix: Fix, effect: Change | str | None, ran: Sequence[Computation]
) -> Estimate | NotJudged:
    """Predict the computations that a rewrite changes, or say why not."""
    if effect is None:
        effect = _RESULT if finding.rule.kind in ("wrong", "fails") else _CONTENT
    if isinstance(effect, str):
        return NotJudged("whatif", effect)
    if finding.certainty != "seen" and fix.ran is None:
        return NotJudged("whatif", _UNSEEN)
    place = finding.place
    here = ran if fix.ran is None else fix.ran
    if fix.ran is None and place is not None:
        lines = range(place.line, (place.end_line or place.line) + 1)
        asked = [c for c in ran if c.place is not None and c.place.cell == place.cell]
        here = [c for c in asked if c.place is not None and c.place.line in lines]
    if effect.once and not effect.joined and not _share(here):
        return NotJudged("whatif", "the computations had no tasks of the same key")
    return predict(here, effect)


def _share(ran: Sequence[Computation]) -> bool:
    keys = [task.key for c in ran for task in c.tasks]
    return len(set(keys)) < len(keys)


def where(place: Place | None, cells: tuple[Cell, ...]) -> dict[str, Any]:
    """Return a place as the fields of a report."""
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

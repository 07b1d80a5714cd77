"""All that is known of a run, ranked, with what could not be judged.

The dataclasses here are the wire: :meth:`Report.to_dict` is what travels to the page, into
the notebook's outputs and out of the shell, and the page's types are generated from them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from dask_lens import config, rewrites, rules
from dask_lens.metrics.accounts import Budget
from dask_lens.metrics.bounds import Bounds, bounds
from dask_lens.metrics.efficiencies import Efficiencies, efficiencies
from dask_lens.metrics.limit import limit
from dask_lens.metrics.losses import budget, cpu_known
from dask_lens.metrics.parallelism import Parallelism, parallelism
from dask_lens.record import wire
from dask_lens.record.cell import Cell, Place
from dask_lens.record.computation import Computation
from dask_lens.record.run import NotJudged, Run
from dask_lens.rewrite import Proposal, Untouched
from dask_lens.rule import KINDS, Finding, Rule
from dask_lens.source.ignores import ignores
from dask_lens.source.program import read


@dataclass(frozen=True)
class CellReference:
    """Which cell a report is about; both None for code that never ran."""

    cell_id: str | None
    execution_count: int | None


@dataclass(frozen=True)
class ComputationReport:
    """One compute call, or one burst of submits, in numbers.

    Parameters
    ----------
    scheduler
        ``"sync"``, ``"threads"``, ``"processes"``, ``"distributed"`` or ``"custom"``.
    line
        Line of the call, from 1, within the cell ``cell_id``.
    tasks
        How many tasks ran.
    threads
        Threads that could run them at once.
    start, stop
        Seconds since the epoch; ``stop`` is None while it runs.
    parallelism
        Task seconds over active seconds; None while it runs.
    ceiling
        Total work over the longest chain; None where the graph is not known.
    budget
        Thread-seconds by account; None where not everything is known.
    bounds
        Work, span, and how short they let it be; None where the graph is not known.
    """

    scheduler: str
    cell_id: str | None
    line: int | None
    tasks: int
    threads: int
    start: float
    stop: float | None
    parallelism: float | None
    ceiling: float | None
    budget: Budget | None
    bounds: Bounds | None = None


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


@dataclass(frozen=True)
class Report:
    """What a run showed: measured numbers, ranked findings, and what could not be looked at.

    Parameters
    ----------
    parallelism, budget
        Over all computations of the cell; None where nothing was computed, or where
        ``not_judged`` says why.
    efficiencies
        Shares that multiply to the parallelism over the threads; None without a budget.
    limit
        One sentence: what would bring most, with its seconds. None where not known.
    findings
        Worst first: by kind, then by seconds lost.
    """

    version: int
    cell: CellReference
    headline: str
    computations: tuple[ComputationReport, ...] = ()
    parallelism: Parallelism | None = None
    budget: Budget | None = None
    findings: tuple[FindingReport, ...] = ()
    not_judged: tuple[NotJudged, ...] = ()
    efficiencies: Efficiencies | None = None
    limit: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain JSON values."""
        plain: dict[str, Any] = wire.to_dict(self)
        return plain

    @classmethod
    def from_dict(cls, data: Any) -> Report:
        """Rebuild a report from :meth:`to_dict`'s output.

        Raises
        ------
        dask_lens.record.wire.WireError
            When ``data`` is not such an output.
        """
        return wire.from_dict(cls, data, "report")


def analyze(run: Run) -> Report:
    """Judge a run: measure it, run every rule over it, and work out the rewrites.

    Parameters
    ----------
    run
        One observed cell, or code that never ran.

    Returns
    -------
    Report
        Never raises for what is in ``run``: a rule that stumbles is named in
        ``not_judged``.
    """
    not_judged = [*run.not_judged, *_unread(run)]
    found: list[Finding] = []
    for rule in rules.catalogue():
        for item in _ask(rule, run):
            if isinstance(item, Finding):
                found.append(item)
            else:
                not_judged.append(item)
    findings = tuple(_report_finding(f, run.cells) for f in _ranked(_spoken(found, run.cells)))
    done = [c for c in run.computations if c.stop is not None]
    measured = parallelism(done)
    spent = budget(done)
    limited = limit(done, spent)
    not_judged += _unmeasured(done, spent)
    return Report(
        version=wire.VERSION,
        cell=_reference(run.cell),
        headline=_headline(run, measured, findings),
        computations=tuple(
            _report_computation(c, run.cells, spent if done == [c] else budget([c]))
            for c in run.computations
        ),
        parallelism=measured,
        budget=spent,
        findings=findings,
        not_judged=tuple(dict.fromkeys(not_judged)),
        efficiencies=efficiencies(spent) if spent is not None else None,
        limit=limited.text if limited is not None else None,
    )


def _reference(cell: Cell | None) -> CellReference:
    return CellReference(cell.cell_id, cell.execution_count) if cell else CellReference(None, None)


def _ask(rule: Rule, run: Run) -> Iterable[Finding | NotJudged]:
    settings = config.rule_settings(rule.name)
    if not settings.pop("enabled", True):
        return []
    try:
        return list(rule.run(run, settings))
    except Exception as error:  # noqa: BLE001 - one rule's stumble must not cost the whole report
        return [NotJudged(rule.name, f"the rule stumbled over this run: {error!r}")]


def _unread(run: Run) -> list[NotJudged]:
    """Name the cells that could not be read, of those that are judged."""
    return [
        NotJudged("source", problem if len(run.cells) == 1 else f"cell {number + 1}: {problem}")
        for number, problem in read(run.cells).problems.items()
        if run.observed in (None, number)
    ]


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


def _report_computation(
    c: Computation, cells: tuple[Cell, ...], spent: Budget | None
) -> ComputationReport:
    measured = parallelism([c])
    where = _where(c.place, cells)
    return ComputationReport(
        scheduler=c.scheduler,
        cell_id=where["cell_id"],
        line=where["line"],
        tasks=c.n_tasks,
        threads=c.threads,
        start=c.start,
        stop=c.stop,
        parallelism=measured.achieved if measured else None,
        ceiling=measured.ceiling if measured else None,
        budget=spent,
        bounds=bounds(c) if c.stop is not None else None,
    )


def _unmeasured(done: list[Computation], spent: Budget | None) -> list[NotJudged]:
    ran = [c for c in done if c.n_tasks]
    if not ran:
        return []
    if spent is None:
        return [NotJudged("budget", "the run was too large to keep every task and edge")]
    if not cpu_known(ran):
        reason = "the scheduler does not tell CPU time task by task: all counted as cpu"
        return [NotJudged("waiting", reason)]
    return []


def _headline(run: Run, measured: Parallelism | None, findings: tuple[FindingReport, ...]) -> str:
    if measured is None:
        running = sum(c.stop is None for c in run.computations)
        return "still running" if running else "nothing was computed"
    done = [c for c in run.computations if c.stop is not None]
    seconds = max(c.stop or c.start for c in done) - min(c.start for c in done)
    tasks = sum(c.n_tasks for c in done)
    parts = [
        f"{measured.achieved:.1f} of {measured.threads} in parallel",
        f"{seconds:.1f} s",
        f"{tasks:,} task{'s' * (tasks != 1)}",
        ", ".join(dict.fromkeys(c.scheduler for c in done)),
    ]
    lost = max((f.cost or 0.0 for f in findings), default=0.0)
    if lost:
        parts.append(f"{lost:.1f} s lost")
    return " · ".join(parts)

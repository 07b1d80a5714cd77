"""A report in plain text: for terminals, ``text/plain`` and ``%lens report``."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from dask_lens.metrics.accounts import Budget
from dask_lens.record import wire
from dask_lens.report import ComputationReport, FindingReport, Report
from dask_lens.rewrite import Proposal

#: What each account of the budget is called, in the order in which it is shown.
ACCOUNTS = {
    "cpu": "on the CPU",
    "waiting": "waiting inside tasks",
    "movement": "moving data",
    "scheduling": "idle, tasks were ready",
    "dependencies": "idle, waiting for other tasks",
    "tail": "idle, waiting for the last task",
    "client": "no task in the system",
}

#: Tasks of a critical path that are shown.
PATH = 12


def summary(report: Report) -> str:
    """Return the headline, findings and what could not be judged, in a few lines.

    Parameters
    ----------
    report
        Any report; its texts may hold anything, control characters are made visible.
    """
    return _printable("\n".join(_summary(report)))


def full(report: Report) -> str:
    """Return the report with its budget and the diff of each proposal."""
    lines = [*_summary(report)]
    if report.limit is not None:
        lines += ["", f"What limits it: {report.limit}"]
    if report.budget is not None and report.budget.total > 0:
        lines += ["", "Thread-seconds:", *_budget(report.budget)]
    if report.efficiencies is not None:
        factors = wire.to_dict(report.efficiencies).items()
        lines += ["", "Efficiencies: " + " x ".join(f"{name} {x:.0%}" for name, x in factors)]
    lines += _bounds(report)
    for finding in report.findings:
        for proposal in finding.proposals:
            lines += ["", f"{proposal.title} ({finding.code}):", *diff(proposal)]
    return _printable("\n".join(lines))


def diff(proposal: Proposal) -> Iterator[str]:
    """Yield the lines of a unified diff of every cell that a proposal changes."""
    for edit in proposal.edits:
        before, after = edit.before.splitlines(), edit.after.splitlines()
        changes = difflib.unified_diff(before, after, lineterm="", n=1)
        yield from (line for line in changes if not line.startswith(("---", "+++")))


def seconds(value: float) -> str:
    """Return a duration as people read it: ``0.35 s``, ``12 s``, ``3 min 20 s``."""
    if value >= 100:  # noqa: PLR2004 - from here on minutes read better
        return f"{int(value // 60)} min {value % 60:.0f} s"
    return f"{value:.0f} s" if value >= 10 else f"{value:.2g} s"  # noqa: PLR2004 - two digits do


def location(finding: FindingReport) -> str:
    """Return where a finding is, as ``cell 3, line 2``; empty where no line led to it."""
    if finding.line is None:
        return ""
    cell = "" if finding.cell is None else f"cell {finding.cell + 1}, "
    return f"{cell}line {finding.line}"


def _summary(report: Report) -> Iterator[str]:
    yield f"Dask Lens: {report.headline}"
    for finding in report.findings:
        where = location(finding)
        hedge = "" if finding.certainty == "seen" else " (likely)"
        yield ""
        yield f"{finding.code} {finding.name}{hedge}{': ' if where else ''}{where}"
        yield f"  {finding.message}"
        yield f"  {finding.advice}"
        for untouched in finding.untouched:
            yield f"  not rewritten ({untouched.name}): {untouched.reason}"
    if report.not_judged:
        yield ""
        yield "Could not look:"
        for item in report.not_judged:
            yield f"  {item.name}: {item.reason}"


def _budget(budget: Budget) -> Iterator[str]:
    for account, words in ACCOUNTS.items():
        value: float = getattr(budget, account)
        share = value / budget.total
        yield f"  {words:<32} {value:8.2f} s {share:6.1%}  {'#' * round(40 * share)}".rstrip()


def _bounds(report: Report) -> Iterator[str]:
    for computation in report.computations:
        if (b := computation.bounds) is not None:
            at = "" if computation.line is None else f", line {computation.line}"
            yield ""
            yield (
                f"{computation.scheduler}{at}: work {seconds(b.work)}, "
                f"longest chain {seconds(b.span)}; on {computation.threads} threads "
                f"at least {seconds(b.least)}, at most {seconds(b.most)} without overheads"
            )
            yield from _critical_path(computation)


def _critical_path(computation: ComputationReport) -> Iterator[str]:
    path = computation.critical_path
    shown = path if len(path) <= PATH else (*path[: PATH - 1], path[-1])
    for number, step in enumerate(shown):
        if number == PATH - 1 and computation.critical_tasks > PATH:
            yield f"  … {computation.critical_tasks - PATH:,} more tasks"
        cell = "" if step.execution_count is None else f"In [{step.execution_count}], "
        at = "" if step.line is None else f"  {cell}line {step.line}"
        yield f"  {'' if number == 0 else '→ '}{step.layer}  {seconds(step.duration)}{at}"


def _printable(text: str) -> str:
    return "".join(c if c == "\n" or c.isprintable() else f"\\x{ord(c):02x}" for c in text)

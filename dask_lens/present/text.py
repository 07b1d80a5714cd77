"""A report in plain text: for terminals, ``text/plain`` and ``%lens report``."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from itertools import accumulate

from dask_lens.present.legend import ACCOUNTS, amounts, shares
from dask_lens.record import wire
from dask_lens.report import ComputationReport, FindingReport, Report
from dask_lens.rewrite import Proposal

#: Characters of the bar of accounts.
WIDTH = 60

#: Tasks of a critical path, and waits behind other tasks, that are shown.
PATH = 12
HIDDEN = 3


def summary(report: Report) -> str:
    """Return the headline, findings and what could not be judged, in a few lines.

    Parameters
    ----------
    report
        Any report; its texts may hold anything, control characters are made visible.
    """
    return printable("\n".join(_summary(report)))


def full(report: Report) -> str:
    """Return the report with its budget and the diff of each proposal."""
    lines = [*_summary(report)]
    if report.limit is not None:
        lines += ["", f"What limits it: {report.limit}"]
    if report.budget is not None and report.budget.total > 0:
        total = seconds(report.budget.total)
        lines += ["", f"Where {total} of thread time went:", *_budget(report)]
    if report.efficiencies is not None:
        factors = wire.to_dict(report.efficiencies).items()
        lines += ["", "Efficiencies: " + " x ".join(f"{name} {x:.0%}" for name, x in factors)]
    lines += _bounds(report)
    for finding in report.findings:
        for proposal in finding.proposals:
            notes = "; ".join(filter(None, (finding.code, predicted(proposal))))
            lines += ["", f"{proposal.title} ({notes}):", *diff(proposal)]
    return printable("\n".join(lines))


def predicted(proposal: Proposal) -> str:
    """Return what a proposal would bring, or why that is not told; empty in older reports."""
    if proposal.estimate is not None:
        low, mid, high = (
            seconds(s)
            for s in (proposal.estimate.low, proposal.estimate.mid, proposal.estimate.high)
        )
        return f"predicted {mid} ({low} to {high})"
    return f"no estimate: {proposal.unpredicted}" if proposal.unpredicted else ""


def diff(proposal: Proposal) -> Iterator[str]:
    """Yield the lines of a unified diff of every cell that a proposal changes."""
    for edit in proposal.edits:
        before, after = edit.before.splitlines(), edit.after.splitlines()
        changes = difflib.unified_diff(before, after, lineterm="", n=1)
        yield from (line for line in changes if not line.startswith(("---", "+++")))


def seconds(value: float) -> str:
    """Return a duration as people read it: ``13 µs``, ``0.35 s``, ``12 s``, ``3 min 20 s``."""
    if 0 < value < 0.001:  # noqa: PLR2004 - below it zeros have to be counted
        return f"{1e6 * value:.0f} µs"
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


def _budget(report: Report) -> Iterator[str]:
    spent = amounts(report)
    shown = shares(spent)
    yield f"  [{_bar(shown)}]"
    for name, share in shown:
        account = ACCOUNTS[name]
        took = share * spent["total"]
        yield f"  {account.sign} {account.label:<32} {took:8.2f} s {share:6.1%}"


def _bar(shown: list[tuple[str, float]]) -> str:
    """Draw shares side by side, each by its sign."""
    ends = list(accumulate(share for _, share in shown))
    columns = [round(WIDTH * end / ends[-1]) for end in ends]
    widths = [right - left for left, right in zip([0, *columns], columns, strict=False)]
    return "".join(
        ACCOUNTS[name].sign * width for (name, _), width in zip(shown, widths, strict=True)
    )


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
            yield from _hidden(computation)


def _critical_path(computation: ComputationReport) -> Iterator[str]:
    path = computation.critical_path
    shown = path if len(path) <= PATH else (*path[: PATH - 1], path[-1])
    for number, step in enumerate(shown):
        if number == PATH - 1 and computation.critical_tasks > PATH:
            yield f"  … {computation.critical_tasks - PATH:,} more tasks"
        cell = "" if step.execution_count is None else f"In [{step.execution_count}], "
        at = "" if step.line is None else f"  {cell}line {step.line}"
        yield f"  {'' if number == 0 else '→ '}{step.layer}  {seconds(step.duration)}{at}"


def printable(text: str) -> str:
    """Return text with its control characters made visible, line breaks aside."""
    return "".join(c if c == "\n" or c.isprintable() else f"\\x{ord(c):02x}" for c in text)


def _hidden(computation: ComputationReport) -> Iterator[str]:
    for hidden in computation.hidden_dependencies[:HIDDEN]:
        at = "" if hidden.line is None else f" (line {hidden.line})"
        behind = "" if hidden.behind_line is None else f" (line {hidden.behind_line})"
        yield (
            f"  {hidden.layer}{at} was ready and waited {seconds(hidden.seconds)} behind "
            f"{hidden.behind_layer}{behind}, which it does not need, with a thread free"
        )

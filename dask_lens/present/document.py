"""A report as a file for people: one HTML page that needs no script, no network and no us."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timezone
from html import escape
from pathlib import Path

from dask_lens.measures import CriticalStep
from dask_lens.metrics.speedup import Speedup, speedup
from dask_lens.present import drawing, text
from dask_lens.present.lanes import lanes
from dask_lens.present.legend import ACCOUNTS, PREFIXES, amounts
from dask_lens.report import ComputationReport, FindingReport, Report
from dask_lens.rewrite import Proposal

_STYLE = Path(__file__).with_name("document.css")

#: Computations, the longest, of which there is a row, and of which the critical path is told.
MOST_ROWS, MOST_PATHS = 50, 3

#: Tasks of a critical path, the longest, that are told.
MOST_STEPS = 30

_NUMBERS = ("line", "tasks", "threads", "seconds", "parallelism", "ceiling")

#: Lines of the cell that are shown; a script may be one cell of any length.
MOST_LINES = 200

#: The page may use its own style sheet, and nothing else of any place.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def document(report: Report) -> str:
    """Return the whole page.

    Parameters
    ----------
    report
        Any report; without its run there is no timeline, and the page says so.
    """
    return "".join(
        [
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n',
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
            f"<title>Dask Lens: {_safe(report.headline)}</title>\n",
            f"<style>\n{_style()}</style>\n</head>\n<body>\n",
            *(f"{part}\n" for part in _parts(report)),
            "</body>\n</html>\n",
        ]
    )


def _style() -> str:
    colours = [f".account-{name} {{ {_paint(a.colour)} }}" for name, a in ACCOUNTS.items()]
    colours += [f".prefix-{n} {{ {_paint(colour)} }}" for n, (colour, _) in enumerate(PREFIXES)]
    return _STYLE.read_text(encoding="utf-8") + "\n".join([*colours, ""])


def _paint(colour: str) -> str:
    return f"background-color: {colour}; fill: {colour};"


def _parts(report: Report) -> Iterator[str]:
    yield f"<header><h1>{_safe(report.headline)}</h1>{_origin(report)}</header>"
    if report.limit is not None:
        yield f"<p>What limits it: <b>{_safe(report.limit)}</b></p>"
    if report.budget is not None and report.budget.total > 0:
        yield f"<h2>Where the time went</h2>{drawing.account_bar(amounts(report))}"
    yield from _timeline(report)
    yield from _critical_paths(report)
    curve = speedup(report.run) if report.run is not None else None
    if isinstance(curve, Speedup) and curve.points:
        yield f"<h2>With more workers</h2>{drawing.speedup_curve(curve)}"
    yield "<h2>Findings</h2>"
    yield from map(_finding, report.findings)
    if not report.findings:
        yield "<p>None.</p>"
    if report.computations:
        yield f"<h2>Computations</h2>{_computations(report.computations)}"
    if report.not_judged:
        items = [f"<dt>{_safe(n.name)}</dt><dd>{_safe(n.reason)}</dd>" for n in report.not_judged]
        yield f"<h2>Could not look</h2><dl>{''.join(items)}</dl>"
    yield from _cell(report)


def _origin(report: Report) -> str:
    count = report.cell.execution_count
    started = min((c.start for c in report.computations), default=0.0)
    parts = ["Dask Lens report"]
    if count is not None:
        parts.append(f"cell [{count}]")
    if started > 0:
        moment = datetime.fromtimestamp(started, tz=timezone.utc).astimezone()
        parts.append(moment.strftime("%Y-%m-%d %H:%M:%S %Z"))
    return f'<p class="quiet">{_safe(" · ".join(parts))}</p>'


def _timeline(report: Report) -> Iterator[str]:
    if not report.computations:
        return
    yield "<h2>Timeline</h2>"
    laid = lanes(report.run.computations) if report.run is not None else None
    if laid is not None:
        yield drawing.timeline(laid)
    elif report.run is None:
        yield '<p class="note">The record of the run, which this is drawn from, was not kept.</p>'
    else:
        yield '<p class="note">No task was kept one by one.</p>'


def _critical_paths(report: Report) -> Iterator[str]:
    known = [c for c in report.computations if c.critical_path]
    known.sort(key=lambda c: c.start - (c.stop or c.start))
    for c in known[:MOST_PATHS]:
        line = "" if c.line is None else f", line {c.line}"
        span = (
            sum(step.duration for step in c.critical_path) if c.bounds is None else c.bounds.span
        )
        yield f"<h2>Critical path of {_safe(c.scheduler)}{line}: {text.seconds(span)}</h2>"
        steps = sorted(c.critical_path, key=lambda step: -step.duration)[:MOST_STEPS]
        shown = [step for step in c.critical_path if step in steps]
        rows = [
            (step.layer, text.seconds(step.duration), _place(step), step.key) for step in shown
        ]
        yield _table(("task", "seconds", "cell and line", "key"), rows)
        if (left := c.critical_tasks - len(shown)) > 0:
            yield f'<p class="note">and {left:,} shorter ones</p>'


def _place(step: CriticalStep) -> str:
    cell = "" if step.execution_count is None else f"[{step.execution_count}] "
    return "" if step.line is None else f"{cell}line {step.line}"


def _finding(finding: FindingReport) -> str:
    kind = finding.kind if finding.kind in ("wrong", "fails") else "slow"
    notes = [finding.code, text.location(finding)]
    notes += ["likely, not measured"] if finding.certainty != "seen" else []
    evidence = "".join(
        f"<dt>{_safe(name.replace('_', ' '))}</dt><dd>{_safe(str(value))}</dd>"
        for name, value in finding.evidence.items()
    )
    untouched = "".join(
        f'<p class="quiet">Not rewritten ({_safe(u.name)}): {_safe(u.reason)}</p>'
        for u in finding.untouched
    )
    return (
        f'<article class="{kind}"><h3><span class="kind">{_safe(finding.kind)}</span> '
        f'{_safe(finding.name)} <span class="quiet">{_safe(", ".join(filter(None, notes)))}</span>'
        f'</h3><p>{_safe(finding.message)}</p><p class="quiet">{_safe(finding.advice)}</p>'
        f"{''.join(map(_proposal, finding.proposals))}{untouched}"
        f"{f'<dl>{evidence}</dl>' if evidence else ''}</article>"
    )


def _proposal(proposal: Proposal) -> str:
    classes = {"+": "added", "-": "removed"}
    lines = [
        f'<span class="{classes.get(line[:1], "quiet")}">{_safe(line)}</span>'
        for line in text.diff(proposal)
    ]
    told = text.predicted(proposal)
    predicted = f' <span class="quiet">{_safe(told)}</span>' if told else ""
    change = "\n".join(lines)
    return f"<p><b>{_safe(proposal.title)}</b>{predicted}</p><pre>{change}</pre>"


def _computations(computations: tuple[ComputationReport, ...]) -> str:
    names = ("scheduler", "line", "tasks", "threads", "seconds", "parallelism", "ceiling")
    longest = sorted(computations, key=lambda c: c.start - (c.stop or c.start))[:MOST_ROWS]
    rows = [
        (
            c.scheduler,
            c.line,
            f"{c.tasks:,}",
            c.threads,
            None if c.stop is None else f"{c.stop - c.start:.2f}",
            _decimal(c.parallelism),
            _decimal(c.ceiling),
        )
        for c in computations
        if c in longest
    ]
    left = len(computations) - len(rows)
    note = f'<p class="note">and {left:,} shorter ones</p>' if left else ""
    return _table(names, rows) + note


def _table(names: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    kinds = ["number" if name in _NUMBERS else "name" for name in names]
    head = [f'<th class="{kind}">{name}</th>' for kind, name in zip(kinds, names, strict=True)]
    lines = []
    for row in rows:
        cells = [
            f'<td class="{kind}">{_safe("" if value is None else str(value))}</td>'
            for kind, value in zip(kinds, row, strict=True)
        ]
        lines.append(f"<tr>{''.join(cells)}</tr>")
    table = (
        f"<table><thead><tr>{''.join(head)}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
    )
    return f'<div class="wide">{table}</div>'


def _decimal(value: float | None) -> str | None:
    return None if value is None else f"{value:.1f}"


def _cell(report: Report) -> Iterator[str]:
    cell = report.run.cell if report.run is not None else None
    if cell is None or not cell.source.strip():
        return
    source = cell.source.splitlines()
    lines = [
        f'<span class="line-number">{n:>3}</span>  {_safe(line)}'
        for n, line in enumerate(source[:MOST_LINES], start=1)
    ]
    if len(source) > MOST_LINES:
        lines.append(f'<span class="line-number">… {len(source) - MOST_LINES} more lines</span>')
    yield "<h2>The cell</h2><pre>" + "\n".join(lines) + "</pre>"


def _safe(value: str) -> str:
    return escape(text.printable(value))

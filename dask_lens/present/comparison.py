"""A comparison as text and as HTML with drawings; nothing in it needs a script.

Names of variants may be anything a user wrote and are escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from dask_lens.compare import columns
from dask_lens.compare.columns import seconds
from dask_lens.compare.comparison import Comparison, Row
from dask_lens.compare.sent import CurvePoint
from dask_lens.present.legend import ACCOUNTS, shares
from dask_lens.record import wire

#: The MIME type under which JupyterLab finds a comparison.
MIME_TYPE = "application/vnd.dask-lens.comparison+json"

#: Sizes of the drawing in pixels.
_WIDTH, _HEIGHT, _MARGIN = 260, 26, 8

_COLOURS = {
    "faster": "#1a7f37",
    "slower": "#d1242f",
    "failed": "#d1242f",
    "baseline": "#0969da",
    "about the same": "#8c8c8c",
}
_CELL = "text-align:left;padding:3px 10px 3px 0;vertical-align:middle;white-space:nowrap"


def bundle(comparison: Comparison) -> dict[str, Any]:
    """Return the MIME bundle of a comparison: JSON, HTML and text."""
    return {
        MIME_TYPE: comparison.to_dict(),
        "text/html": html(comparison),
        "text/plain": text(comparison),
    }


def text(comparison: Comparison) -> str:
    """Return the comparison as tables for terminals, with what it means below."""
    lines = [comparison.difference, ""] if comparison.difference else []
    times = [columns.times(row, with_error=False) for row in comparison.rows]
    lines += _aligned(columns.TIMES, times)
    lines += ["", *_aligned(columns.COSTS, [columns.costs(row) for row in comparison.rows])]
    if comparison.curve:
        lines += ["", *_curve_lines(comparison.curve)]
    lines += ["", comparison.conclusion]
    lines += [f"{row.name}: {row.error}" for row in comparison.rows if row.error]
    lines += [f"{name}: {cause}" for name, cause in comparison.causes]
    lines += comparison.warnings
    printable = (
        c if c.isprintable() or c == "\n" else f"\\x{ord(c):02x}" for c in "\n".join(lines)
    )
    return "".join(printable)


def _aligned(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [head, *rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]


def html(comparison: Comparison) -> str:
    """Return the comparison as HTML that stands alone: tables, every run as a dot."""
    rows = comparison.rows
    parts = ['<div style="font-size:13px;line-height:1.5">']
    if comparison.difference:
        differ = escape(comparison.difference)
        parts.append(f'<div style="color:#d1242f;font-weight:bold">{differ}</div>')
    longest = max((max(row.runs) for row in rows if row.runs), default=0.0)
    head = (*columns.TIMES[:1], "runs", *columns.TIMES[1:])
    parts.append(_table(head, [_times(row, longest) for row in rows]))
    parts.append(f'<div style="margin:6px 0"><b>{escape(comparison.conclusion)}</b></div>')
    parts.append(_table(columns.COSTS, [_costs(row) for row in rows]))
    notes = [f"{escape(name)}: {escape(cause)}" for name, cause in comparison.causes]
    parts += [f'<div style="font-size:12px">{note}</div>' for note in notes]
    if comparison.curve:
        parts.append(_curve(comparison.curve))
    warnings = "".join(f"<li>{escape(w)}</li>" for w in comparison.warnings)
    parts.append(f'<ul style="opacity:.8;font-size:12px;margin:6px 0">{warnings}</ul></div>')
    return "".join(parts)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table of cells that are HTML already."""
    titles = "".join(f'<th style="{_CELL};font-weight:600">{title}</th>' for title in head)
    body = "".join(f"<tr>{''.join(cells)}</tr>" for cells in rows)
    return (
        '<div style="overflow-x:auto"><table style="border-collapse:collapse;margin:0">'
        f"<tr>{titles}</tr>{body}</table></div>"
    )


def _cell(inner: str, style: str = "") -> str:
    return f'<td style="{_CELL}{style}">{inner}</td>'


def _times(row: Row, longest: float) -> list[str]:
    name, median, ratio, interval, verdict, parallel, result = map(escape, columns.times(row))
    state = "failed" if row.error else "baseline" if row.is_baseline else row.verdict
    colour = _COLOURS[state]
    wrong = ";color:#d1242f;font-weight:bold" if row.results_equal is False else ""
    return [
        _cell(f"<b>{name}</b>"),
        _cell(_dots(row, longest, colour)),
        *map(_cell, (median, ratio, interval)),
        _cell(verdict, f";color:{colour};white-space:normal;max-width:26em"),
        _cell(parallel),
        _cell(result, wrong),
    ]


def _costs(row: Row) -> list[str]:
    name, *others, _ = map(escape, columns.costs(row))
    return [_cell(f"<b>{name}</b>"), *map(_cell, others), _cell(_spent(row), ";min-width:180px")]


def _spent(row: Row) -> str:
    """Draw where thread time went, as one bar, and say it below."""
    shown = shares(wire.to_dict(row.budget)) if row.budget is not None else []
    if not shown:
        return ""
    bar = "".join(
        f'<span style="width:{100 * share:.2f}%;background:{ACCOUNTS[name].colour}"></span>'
        for name, share in shown
    )
    words = " ".join(
        f'<span style="white-space:nowrap" title="{escape(ACCOUNTS[name].meaning)}">'
        f'<span style="color:{ACCOUNTS[name].colour}">&#9632;</span>'
        f" {name} {share:.0%}</span>"
        for name, share in shown
        if share >= columns.SHARE
    )
    return (
        f'<span style="display:flex;height:8px;width:180px">{bar}</span>'
        f'<span style="font-size:11px">{words}</span>'
    )


def _dots(row: Row, longest: float, colour: str) -> str:
    """Draw every run as a dot on a line from 0, half of them in a box, the median as a bar."""
    if not row.runs or longest <= 0:
        return ""

    def at(value: float) -> float:
        return _MARGIN + (_WIDTH - 2 * _MARGIN) * value / longest

    middle = _HEIGHT / 2
    odd = set(row.outliers)
    dots = "".join(
        f'<circle cx="{at(run):.1f}" cy="{middle}" r="3.5" fill="{"none" if n in odd else colour}"'
        f' stroke="{colour}" fill-opacity=".55"><title>round {n + 1}: {seconds(run)}'
        f"{' (outlier)' if n in odd else ''}</title></circle>"
        for n, run in enumerate(row.runs)
    )
    median = at(row.median or 0.0)
    low, high = row.half or (0.0, 0.0)
    return (
        f'<svg width="{_WIDTH}" height="{_HEIGHT}" role="img" style="display:block"'
        f' aria-label="{len(row.runs)} runs, median {seconds(row.median)}">'
        f'<line x1="{_MARGIN}" x2="{_WIDTH - _MARGIN}" y1="{middle}" y2="{middle}"'
        ' stroke="currentColor" stroke-opacity=".25"/>'
        f'<rect x="{at(low):.1f}" width="{at(high) - at(low):.1f}" y="6" height="{_HEIGHT - 12}"'
        f' fill="{colour}" fill-opacity=".15" stroke="{colour}" stroke-opacity=".6"/>'
        f'{dots}<line x1="{median:.1f}" x2="{median:.1f}" y1="4" y2="{_HEIGHT - 4}"'
        f' stroke="{colour}" stroke-width="2.5"/></svg>'
    )


def _curve_lines(points: Sequence[CurvePoint]) -> list[str]:
    lines = ["workers  speed-up  predicted  serial fraction (Karp-Flatt)"]
    for p in points:
        was = f"{p.predicted:.2f}" if p.predicted is not None else ""
        fraction = f"{p.serial_fraction:.2f}" if p.serial_fraction is not None else ""
        lines.append(f"{p.workers:7}  {p.speedup:8.2f}  {was:>9}  {fraction}".rstrip())
    return lines


def _curve(points: Sequence[CurvePoint]) -> str:
    """Draw the measured speed-up over the predicted one, and the diagonal that none beats."""
    width, height, margin = 320, 200, 34
    most = max(p.workers for p in points)
    top = max(*(p.high for p in points), *(p.predicted or 0.0 for p in points), 1.0)

    def at(workers: float, speedup: float) -> str:
        x = margin + (width - 2 * margin) * workers / most
        return f"{x:.1f},{height - margin - (height - 2 * margin) * speedup / top:.1f}"

    def line(pairs: Sequence[tuple[float, float]], style: str) -> str:
        joined = " ".join(at(*pair) for pair in pairs)
        return f'<polyline points="{joined}" fill="none" {style}/>'

    ends = min(most, top)
    ideal = line([(0, 0), (ends, ends)], 'stroke="currentColor" stroke-opacity=".3"')
    dashed = 'stroke="#8250df" stroke-dasharray="4 3" stroke-width="1.5"'
    was = line([(p.workers, p.predicted) for p in points if p.predicted is not None], dashed)
    ran = line([(p.workers, p.speedup) for p in points], 'stroke="#0969da" stroke-width="2"')
    marks = []
    for p in points:
        x, y = at(p.workers, p.speedup).split(",")
        low, high = at(0, p.low).split(",")[1], at(0, p.high).split(",")[1]
        marks.append(
            f'<line x1="{x}" x2="{x}" y1="{low}" y2="{high}" stroke="#0969da"/>'
            f'<circle cx="{x}" cy="{y}" r="3.5" fill="#0969da"><title>{p.workers} workers:'
            f" {p.speedup:.2f} times as fast</title></circle>"
            f'<text x="{x}" y="{height - margin + 14}" text-anchor="middle">{p.workers}</text>'
        )
    labels = (
        f'<text x="{width / 2}" y="{height - 4}" text-anchor="middle">workers</text>'
        f'<text x="4" y="14">speed-up (measured; dashed: predicted), up to {top:.1f}</text>'
    )
    rows = "".join(f"<div>{escape(text)}</div>" for text in _curve_lines(points))
    return (
        f'<svg width="{width}" height="{height}" role="img" aria-label="speed-up by workers"'
        f' style="display:block" font-size="11" fill="currentColor">{ideal}{was}{ran}'
        f"{''.join(marks)}{labels}</svg>"
        f'<div style="font:12px monospace;white-space:pre;opacity:.85">{rows}</div>'
    )

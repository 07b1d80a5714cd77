"""A comparison as text and as HTML with drawings; nothing in it needs a script.

Names of variants may be anything a user wrote and are escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from dask_lens.compare.comparison import Comparison, Row, cells, seconds
from dask_lens.compare.sent import CurvePoint

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
_HEAD = ("variant", "median", "ratio", "95 % interval", "", "in parallel", "result")
_CELL = "text-align:left;padding:3px 10px 3px 0;vertical-align:middle;white-space:nowrap"


def bundle(comparison: Comparison) -> dict[str, Any]:
    """Return the MIME bundle of a comparison: JSON, HTML and text."""
    return {
        MIME_TYPE: comparison.to_dict(),
        "text/html": html(comparison),
        "text/plain": text(comparison),
    }


def text(comparison: Comparison) -> str:
    """Return the comparison as a table for terminals, with what it means below."""
    rows = [_HEAD, *(cells(row) for row in comparison.rows)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(_HEAD))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    if comparison.curve:
        lines += ["", *_curve_lines(comparison.curve)]
    lines += ["", comparison.conclusion, *comparison.warnings]
    printable = (
        c if c.isprintable() or c == "\n" else f"\\x{ord(c):02x}" for c in "\n".join(lines)
    )
    return "".join(printable)


def html(comparison: Comparison) -> str:
    """Return the comparison as HTML that stands alone: a table, every run as a dot."""
    differ = [row.name for row in comparison.rows if row.results_equal is False]
    parts = ['<div style="font-size:13px;line-height:1.5;overflow-x:auto">']
    if differ:
        names = escape(", ".join(differ))
        parts.append(
            f'<div style="color:#d1242f;font-weight:bold">The results differ: {names}</div>'
        )
    longest = max((max(row.runs) for row in comparison.rows if row.runs), default=0.0)
    head = "".join(f'<th style="{_CELL};font-weight:600">{h}</th>' for h in (*_HEAD[:2], "runs"))
    rest = (*_HEAD[2:], "start-up", "predicted", "memory")
    head += "".join(f'<th style="{_CELL};font-weight:600">{h}</th>' for h in rest)
    parts.append(f'<table style="border-collapse:collapse"><tr>{head}</tr>')
    parts += [_row(row, longest) for row in comparison.rows]
    parts.append("</table>")
    if comparison.curve:
        parts.append(_curve(comparison.curve))
    parts.append(f'<div style="margin-top:6px"><b>{escape(comparison.conclusion)}</b></div>')
    notes = "".join(f"<div>{escape(w)}</div>" for w in comparison.warnings)
    parts.append(f'<div style="opacity:.8;font-size:12px">{notes}</div></div>')
    return "".join(parts)


def _row(row: Row, longest: float) -> str:
    shown = cells(row)
    colour = _COLOURS.get("baseline" if row.is_baseline else row.verdict, "#8c8c8c")
    different = ";color:#d1242f;font-weight:bold" if row.results_equal is False else ""
    columns = [
        f'<td style="{_CELL}"><b>{escape(shown[0])}</b></td>',
        f'<td style="{_CELL}">{escape(shown[1])}</td>',
        f'<td style="{_CELL}">{_dots(row, longest, colour)}</td>',
        *(f'<td style="{_CELL}">{escape(value)}</td>' for value in shown[2:4]),
        f'<td style="{_CELL};color:{colour};white-space:normal">{escape(shown[4])}</td>',
        f'<td style="{_CELL}">{escape(shown[5])}</td>',
        f'<td style="{_CELL}{different}">{escape(shown[6])}</td>',
        f'<td style="{_CELL}">{escape(seconds(row.startup))}</td>',
        f'<td style="{_CELL}">{escape(_predicted(row))}</td>',
        f'<td style="{_CELL}">{escape(_size(row.memory))}</td>',
    ]
    return f"<tr>{''.join(columns)}</tr>"


def _dots(row: Row, longest: float, colour: str) -> str:
    """Draw every run as a dot on a line from 0, and the median as a bar."""
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
    return (
        f'<svg width="{_WIDTH}" height="{_HEIGHT}" role="img" style="display:block"'
        f' aria-label="{len(row.runs)} runs, median {seconds(row.median)}">'
        f'<line x1="{_MARGIN}" x2="{_WIDTH - _MARGIN}" y1="{middle}" y2="{middle}"'
        ' stroke="currentColor" stroke-opacity=".25"/>'
        f'{dots}<line x1="{median:.1f}" x2="{median:.1f}" y1="4" y2="{_HEIGHT - 4}"'
        f' stroke="{colour}" stroke-width="2.5"/></svg>'
    )


def _predicted(row: Row) -> str:
    if row.predicted is None:
        return ""
    mid = row.predicted.mid
    if row.waited is None or row.waited <= 0:
        return seconds(mid)
    return f"{seconds(mid)} ({mid / row.waited - 1:+.0%})"


def _size(nbytes: int | None) -> str:
    if nbytes is None:
        return ""
    return f"+{nbytes / 2**20:.0f} MiB" if nbytes < 2**30 else f"+{nbytes / 2**30:.1f} GiB"


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

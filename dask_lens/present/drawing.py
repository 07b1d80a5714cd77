"""Pictures of a report as SVG and HTML text, for pages without a script.

Every text goes through :func:`html.escape`; the classes are those of ``document.css``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from html import escape

from dask_lens.metrics.speedup import Speedup
from dask_lens.present import text
from dask_lens.present.lanes import Box, Lane, Lanes
from dask_lens.present.legend import ACCOUNTS, PREFIXES, shares

#: Units of a drawing from its left edge to its right.
WIDTH = 1_000

#: Boxes that are narrower cannot be seen; those on the longest chain are drawn all the same.
THIN = 0.3

#: Marks below the lanes, at most.
TICKS = 6

#: Share of the width from which on a mark's words stand to its left, so as to stay in view.
LATE = 0.75


def account_bar(amounts: dict[str, float]) -> str:
    """Draw thread-seconds by account as one bar with its legend."""
    total = amounts.get("total", 0.0)
    shown = shares(amounts)
    cells = []
    left = 0.0
    for name, share in shown:
        words = f"{ACCOUNTS[name].meaning}: {text.seconds(share * total)}, {share:.0%}"
        cells.append(
            f'<rect class="account-{name}" x="{left:.2f}" width="{share * WIDTH:.2f}" '
            f'height="14"><title>{escape(words)}</title></rect>'
        )
        left += share * WIDTH
    legend = [
        f'<li title="{escape(ACCOUNTS[name].meaning)}"><i class="account-{name}"></i>'
        f"{escape(ACCOUNTS[name].label)} <b>{text.seconds(share * total)}</b> {share:.0%}</li>"
        for name, share in shown
    ]
    label = f"Where {text.seconds(total)} of thread time went"
    return (
        f'<svg class="bar" viewBox="0 0 {WIDTH} 14" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape(label)}">{"".join(cells)}</svg>'
        f'<ul class="legend">{"".join(legend)}</ul>'
    )


def timeline(lanes: Lanes) -> str:
    """Draw who ran what, and when: a row for each lane, with a legend and a scale."""
    rows = "".join(_row(lane, lanes) for lane in lanes.lanes)
    names = [*lanes.prefixes]
    if any(box.prefix >= len(names) for lane in lanes.lanes for box in lane.boxes):
        names.append("other tasks")
    legend = [
        f'<li><i class="prefix-{min(n, len(PREFIXES) - 1)}"></i>{_safe(name)}</li>'
        for n, name in enumerate(names)
    ]
    if any(box.critical for lane in lanes.lanes for box in lane.boxes):
        legend.append('<li><i class="critical"></i>on the critical path</li>')
    scale = "".join(_mark(at, at / lanes.duration) for at in ticks(lanes.duration))
    return (
        f'<div class="lanes">{rows}<span></span><div class="scale">{scale}</div></div>'
        f'<ul class="legend">{"".join(legend)}</ul>{_notes(lanes)}'
    )


def speedup_curve(curve: Speedup) -> str:
    """Draw predicted speed-up over the number of workers, which doubles from mark to mark."""
    most = max(point.speedup for point in curve.points)
    widest = math.log2(max(point.workers for point in curve.points)) or 1.0

    def at(workers: int, speedup: float) -> tuple[str, str]:
        return f"{40 + 440 * math.log2(workers) / widest:.1f}", f"{150 - 130 * speedup / most:.1f}"

    places = [(point, *at(point.workers, point.speedup)) for point in curve.points]
    dots = "".join(
        f'<circle cx="{x}" cy="{y}" r="4"><title>{point.workers} workers: '
        f"{text.seconds(point.seconds)}, {point.speedup:.1f} times as fast</title></circle>"
        for point, x, y in places
    )
    marks = "".join(
        f'<text x="{x}" y="172" text-anchor="middle">{point.workers}</text>'
        for point, x, _ in places
        if point.workers & (point.workers - 1) == 0
    )
    flat, _ = at(curve.flat_from, 0.0)
    return (
        '<svg class="curve" viewBox="0 0 500 180" role="img" '
        f'aria-label="Predicted speed-up over the number of workers. {_safe(curve.text)}">'
        f'<path class="axis" d="M40 150 H490 M{flat} 150 V20"/>'
        f'<polyline points="{" ".join(f"{x},{y}" for _, x, y in places)}"/>{dots}{marks}'
        f'<text x="32" y="25" text-anchor="end">{most:.1f}&#215;</text>'
        f'<text x="32" y="154" text-anchor="end">0</text></svg>'
        f'<p class="note">Predicted, on 1 to {curve.points[-1].workers} workers. '
        f"{_safe(curve.text)}</p>"
    )


def ticks(duration: float) -> list[float]:
    """Return round numbers of seconds below a duration, at most :data:`TICKS`, without the 0."""
    if duration <= 0:
        return []
    power = 10.0 ** math.floor(math.log10(duration / TICKS))
    step = next(power * n for n in (1, 2, 5, 10, 20) if duration / (power * n) <= TICKS)
    return [step * n for n in range(1, math.ceil(duration / step))]


def _mark(at: float, share: float) -> str:
    side, distance = ("right", 1 - share) if share > LATE else ("left", share)
    return f'<span class="{side}" style="{side}:{distance:.2%}">{text.seconds(at)}</span>'


def _row(lane: Lane, lanes: Lanes) -> str:
    label = (
        f"{lane.name}: {len(lane.boxes)} tasks" if not lane.busy else f"{lane.name}: busy share"
    )
    return (
        f'<span class="lane-name" title="{escape(lane.name)}">{escape(lane.name)}</span>'
        f'<svg class="lane" viewBox="0 0 {WIDTH} 16" preserveAspectRatio="none" role="img" '
        f'aria-label="{label}">{_area(lane)}{"".join(_boxes(lane, lanes))}</svg>'
    )


def _area(lane: Lane) -> str:
    """Draw how busy a lane was as steps."""
    if not lane.busy:
        return ""
    width = WIDTH / len(lane.busy)
    steps = " ".join(f"V{16 - 15 * busy:.1f} h{width:.2f}" for busy in lane.busy)
    return f'<path class="busy" d="M0 16 {steps} V16 Z"/>'


def _boxes(lane: Lane, lanes: Lanes) -> Iterator[str]:
    scale = WIDTH / lanes.duration if lanes.duration > 0 else 0.0
    drawn = 0.0  # up to here the lane is full
    for box in lane.boxes:
        left, width = box.start * scale, box.duration * scale
        if width < THIN and left + width < drawn + THIN and not box.critical:
            continue
        drawn = left + max(width, THIN)
        classes = _classes(box, lane)
        yield (
            f'<rect class="{classes}" x="{left:.2f}" y="1" width="{max(width, THIN):.2f}" '
            f'height="14"><title>{_safe(_words(box))}</title></rect>'
        )


def _classes(box: Box, lane: Lane) -> str:
    prefix = f"prefix-{min(box.prefix, len(PREFIXES) - 1)}"
    critical = " critical" if box.critical and not lane.busy else ""
    return f"{prefix}{critical}{' erred' if box.erred else ''}"


def _words(box: Box) -> str:
    notes = [text.seconds(box.duration), f"from {text.seconds(box.start)}"]
    notes += ["on the critical path"] if box.critical else []
    notes += ["erred"] if box.erred else []
    return f"{box.key}: {', '.join(notes)}"


def _notes(lanes: Lanes) -> str:
    notes = []
    if any(lane.busy for lane in lanes.lanes):
        notes.append(
            f"{lanes.tasks:,} tasks are too many to draw each: the height is the share of a "
            "lane's threads that ran one; the boxes are the critical path."
        )
    if lanes.missing:
        notes.append(f"{lanes.missing:,} of {lanes.tasks:,} tasks were not kept, and are missing.")
    return "".join(f'<p class="note">{escape(note)}</p>' for note in notes)


def _safe(words: str) -> str:
    return escape(text.printable(words))

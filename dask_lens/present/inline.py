"""The report below a cell, as one MIME bundle.

JupyterLab draws the JSON with buttons; every other front end shows the HTML, which needs
neither script nor style sheet; terminals show the text. Names and keys in a report come from
user code and are escaped.
"""

from __future__ import annotations

from html import escape
from typing import Any

from dask_lens.present import text
from dask_lens.present.legend import ACCOUNTS, amounts, shares
from dask_lens.report import FindingReport, Report

#: The MIME type that the JupyterLab extension renders.
MIME_TYPE = "application/vnd.dask-lens.report+json"

_CARD = (
    "border-left:3px solid rgba(128,128,128,.5);padding:4px 12px;margin:4px 0;"
    "font-size:13px;line-height:1.5"
)

_KIND_COLOURS = {"wrong": "#d1242f", "fails": "#d1242f", "slow": "#d97706"}


def bundle(report: Report) -> dict[str, Any]:
    """Return the MIME bundle of a report.

    Parameters
    ----------
    report
        What to show.

    Returns
    -------
    dict
        Content by MIME type: JSON for JupyterLab, ``text/html`` and ``text/plain``.
    """
    return {
        MIME_TYPE: report.to_dict(),
        "text/html": html(report),
        "text/plain": text.summary(report),
    }


def html(report: Report) -> str:
    """Return the report as HTML that stands alone: inline styles, no script."""
    headline = escape(report.headline)
    parts = [
        f'<div style="{_CARD}">',
        f'<div><span style="opacity:.7">Dask Lens</span> &nbsp;<b>{headline}</b></div>',
    ]
    if report.budget is not None and report.budget.total > 0:
        parts.append(_bar(report))
    if report.limit is not None:
        parts.append(f"<div>What limits it: {escape(report.limit)}</div>")
    parts += [_finding(finding) for finding in report.findings]
    if report.not_judged:
        items = "; ".join(f"{escape(n.name)} ({escape(n.reason)})" for n in report.not_judged)
        parts.append(f'<div style="opacity:.7">Could not look: {items}</div>')
    parts.append("</div>")
    return "".join(parts)


def _finding(finding: FindingReport) -> str:
    colour = _KIND_COLOURS.get(finding.kind, "#8c8c8c")
    where = text.location(finding)
    likely = "" if finding.certainty == "seen" else " (likely)"
    head = (
        f'<span style="color:{colour}">&#9679;</span> <b>{escape(finding.name)}</b>'
        f' <span style="opacity:.7">{escape(finding.code)}{likely}'
        f"{', ' if where else ''}{escape(where)}</span>"
    )
    body = f"<div>{escape(finding.message)}</div><div>{escape(finding.advice)}</div>"
    proposals = "".join(
        f'<details><summary style="cursor:pointer">{escape(p.title)}'
        f'<span style="opacity:.7"> {escape(text.predicted(p))}</span></summary>'
        f'<pre style="margin:4px 0 0 1em;font-size:12px">{_diff(p)}</pre></details>'
        for p in finding.proposals
    )
    untouched = "".join(
        f'<div style="opacity:.7">Not rewritten ({escape(u.name)}): {escape(u.reason)}</div>'
        for u in finding.untouched
    )
    return f'<div style="margin-top:6px">{head}{body}{proposals}{untouched}</div>'


def _diff(proposal: Any) -> str:
    colours = {"+": "#1a7f37", "-": "#d1242f"}
    lines = []
    for line in text.diff(proposal):
        colour = colours.get(line[:1])
        style = f' style="color:{colour}"' if colour else ""
        lines.append(f"<span{style}>{escape(line)}</span>")
    return "\n".join(lines)


def _bar(report: Report) -> str:
    spent = amounts(report)
    shown = shares(spent)
    cells = "".join(
        f'<div style="width:{100 * share:.2f}%;background:{ACCOUNTS[name].colour}"></div>'
        for name, share in shown
    )
    legend = " &nbsp; ".join(
        f'<span style="white-space:nowrap">'
        f'<span style="color:{ACCOUNTS[name].colour}">&#9632;</span>'
        f" {ACCOUNTS[name].label} {escape(text.seconds(share * spent['total']))}</span>"
        for name, share in shown
    )
    return (
        f'<div style="display:flex;height:8px;margin:6px 0 2px;max-width:480px">{cells}</div>'
        f'<div style="font-size:12px;opacity:.85">{legend}</div>'
    )

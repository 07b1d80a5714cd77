"""What a person reads: findings with the line they are on, and counts."""

from __future__ import annotations

import os
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TextIO

import click

from dask_lens.lint.checking import Remark
from dask_lens.lint.settings import NOTICES
from dask_lens.rule import KINDS
from dask_lens.source.cell import parse

#: Columns of a source line that are shown, and how many of them before what was found.
_WIDTH, _BEFORE = 120, 60

_COLOURS = {"wrong": "red", "fails": "red", "slow": "yellow", "notice": "cyan"}


def coloured(stream: TextIO) -> bool:
    """Whether to write colours there: on a terminal, unless NO_COLOR or FORCE_COLOR say so."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def printable(text: str) -> str:
    """Return text that cannot steer a terminal: what is not to be seen is spelled out."""
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode("ascii")
        for c in text
    )


def finding(name: str, remark: Remark, *, reasons: bool) -> Iterator[str]:
    """Yield the lines of one finding.

    Parameters
    ----------
    name
        How the file is named.
    remark
        What is said, and where.
    reasons
        Whether to say why its rewrites do not fit.
    """
    found = remark.report(propose=reasons)
    parts = [printable(name)]
    if found.cell is not None:
        parts.append(f"cell {found.cell + 1}")
    if found.line is not None:
        parts += [str(found.line), str(found.column or 1)]
    where = click.style(":".join(parts), bold=True)
    what = click.style(f"{found.code} {found.name}", fg=_COLOURS[found.kind], bold=True)
    yield f"{where}: {what}: {printable(found.message)}"
    gutter = len(str(found.line or ""))
    if remark.place is not None:
        source = remark.document.cells[remark.place.cell].source
        yield from _excerpt(source, remark, gutter)
    equals = click.style(f"{' ' * gutter} = ", fg="blue")
    yield equals + printable(found.advice)
    for untouched in found.untouched:
        yield f"{equals}{untouched.name} leaves it alone: {printable(untouched.reason)}"
    yield ""


def _excerpt(source: str, remark: Remark, gutter: int) -> Iterator[str]:
    place = remark.place
    lines = parse(source).lines
    if place is None or place.line > len(lines):
        return
    line = lines[place.line - 1]
    start = (place.column or len(line) - len(line.lstrip()) + 1) - 1
    here = place.end_line in (None, place.line)
    end = place.end_column - 1 if here and place.end_column else len(line.rstrip())
    cut = max(start - _BEFORE, 0) if len(line) > _WIDTH else 0
    before, marked = _shown(line[cut:start]), _shown(line[start : min(end, cut + _WIDTH)])
    rest = _shown(line[max(start, min(end, cut + _WIDTH)) : cut + _WIDTH])
    dots = "..." if cut else ""
    more = "..." if cut + _WIDTH < len(line) else ""
    bar = click.style("|", fg="blue")
    margin = click.style(str(place.line).rjust(gutter), fg="blue")
    marks = click.style("^" * max(_columns(marked), 1), fg="red", bold=True)
    yield f"{' ' * gutter} {bar}"
    yield f"{margin} {bar} {dots}{before}{marked}{rest}{more}"
    yield f"{' ' * gutter} {bar} {' ' * (len(dots) + _columns(before))}{marks}"


def _shown(text: str) -> str:
    return printable(text.replace("\t", "    "))


def _columns(text: str) -> int:
    """Count the columns that text takes on a terminal."""
    return sum(
        0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF")
        for c in text
    )


def counts(remarks: Iterable[Remark]) -> list[tuple[str, str, int]]:
    """Return code, name and number of what was found, the most frequent first."""
    found = Counter(_code_and_name(remark) for remark in remarks)
    ordered = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return [(code, name, count) for (code, name), count in ordered]


def statistics(remarks: Iterable[Remark]) -> Iterator[str]:
    """Yield a line for each rule that found something."""
    rows = counts(remarks)
    width = len(str(rows[0][2])) if rows else 0
    for code, name, count in rows:
        yield f"{count:>{width}}  {click.style(code, bold=True)}  {name}"


def _code_and_name(remark: Remark) -> tuple[str, str]:
    if remark.finding is not None:
        return remark.finding.rule.code, remark.finding.rule.name
    return NOTICES[str(remark.notice)], str(remark.notice)


def summary(
    remarks: list[Remark], n_files: int, n_with: int, applied: int, *, unsafe: bool
) -> Iterator[str]:
    """Yield what is left to say at the end.

    Parameters
    ----------
    remarks
        What was found and is still there.
    n_files, n_with
        How many files were checked, and in how many of them something was found.
    applied
        How many rewrites were applied.
    unsafe
        Whether every rewrite that fits was.
    """
    if applied:
        yield f"Applied {number(applied, 'rewrite')}."
    in_files = f"{number(n_files, 'file')} checked"
    if not remarks:
        yield f"Nothing found, {in_files}."
        return
    kinds = Counter(r.finding.rule.kind if r.finding else "notice" for r in remarks)
    listed = ", ".join(f"{kinds[kind]} {kind}" for kind in (*KINDS, "notice") if kinds[kind])
    yield f"Found {number(len(remarks), 'finding')} ({listed}) in {n_with} of {in_files}."
    rewritable = sum(remark.may_be_rewritten for remark in remarks)
    if rewritable and not unsafe:
        yield (
            f"There may be rewrites for {rewritable}: --diff --unsafe-fixes shows them all, "
            "--fix applies the safe ones."
        )


def number(count: int, noun: str) -> str:
    """Return a count with its noun."""
    return f"{count:,} {noun}{'s' * (count != 1)}"

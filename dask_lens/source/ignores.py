"""Comments that silence findings: ``# dask-lens: ignore`` and ``# dask-lens: ignore[name]``."""

from __future__ import annotations

import contextlib
import io
import re
import tokenize
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from dask_lens.record.cell import Cell, Place
from dask_lens.source.aside import split_lines
from dask_lens.source.cell import parse

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
#: The words behind it, up to another comment, are its reason.
_COMMENT = re.compile(r"#\s*dask-lens:\s*ignore(?:\[(?P<names>[^\]]*)\])?[^#\r\n]*", re.IGNORECASE)


@dataclass(frozen=True)
class Ignore:
    """One such comment.

    Parameters
    ----------
    place
        The line that it is about.
    rules
        Names of the rules that it silences; empty for all.
    comment
        Where the comment itself stands.
    """

    place: Place
    rules: tuple[str, ...]
    comment: Place

    def silences(self, place: Place, rule: str) -> bool:
        """Whether a finding of ``rule`` at ``place`` is silenced.

        A comment silences findings on its line, from their first line to their last; one that
        stands alone on a line silences the line below.
        """
        if place.cell != self.place.cell or (self.rules and rule not in self.rules):
            return False
        return place.line <= self.place.line <= (place.end_line or place.line)


def ignores(cells: Sequence[Cell]) -> tuple[Ignore, ...]:
    """Return every ignore comment of these cells.

    Parameters
    ----------
    cells
        The cells of a run.
    """
    found: list[Ignore] = []
    for number, cell in enumerate(cells):
        if "dask-lens" in cell.source:
            found += _in_cell(number, cell.source)
    return tuple(found)


def unused(given: Iterable[Ignore], silenced: Iterable[tuple[Place, str]]) -> tuple[Ignore, ...]:
    """Return the comments that silenced nothing, each with the names that did not.

    Parameters
    ----------
    given
        All comments, from :func:`ignores`.
    silenced
        Place and rule name of each finding, the silenced ones included.
    """
    findings = list(silenced)
    idle = []
    for ignore in given:
        hit = {rule for place, rule in findings if ignore.silences(place, rule)}
        names = tuple(name for name in ignore.rules if name not in hit)
        if names or (not ignore.rules and not hit):
            idle.append(replace(ignore, rules=names))
    return tuple(idle)


def without(source: str, ignore: Ignore) -> str:
    """Return a cell with names taken out of a comment, and the comment gone where none is left.

    Parameters
    ----------
    source
        The cell that it stands in.
    ignore
        The comment, with the names to take out; without names it goes.
    """
    lines = _LINE.findall(source)
    number = ignore.comment.line - 1
    first, last = (ignore.comment.column or 1) - 1, (ignore.comment.end_column or 1) - 1
    line = lines[number]
    comment = _COMMENT.match(line, first)
    names = (comment.group("names") or "").split(",") if comment else []
    kept = [n.strip() for n in names if n.strip() and _name(n) not in ignore.rules]
    before, after = line[:first], line[last:]
    if ignore.rules and kept and comment:
        begin, end = comment.span("names")
        lines[number] = line[:begin] + ", ".join(kept) + line[end:]
    elif after.strip():
        lines[number] = before + after.lstrip()
    else:
        lines[number] = before.rstrip() + after if before.strip() else ""
    return "".join(lines)


def _name(written: str) -> str:
    return written.strip().replace("_", "-").lower()


def _in_cell(number: int, source: str) -> list[Ignore]:
    lines = split_lines(source)
    found = []
    for line, column, text in _comments(source):
        # A comment on a line of its own is about the line below.
        alone = not lines[line - 1][:column].strip()
        for comment in _COMMENT.finditer(text):
            start, end = column + comment.start() + 1, column + comment.end() + 1
            stands = Place(number, line, start, line, end)
            names = (comment.group("names") or "").split(",")
            place = Place(number, line + alone, None if alone else column + 1)
            found.append(Ignore(place, tuple(_name(n) for n in names if n.strip()), stands))
    return found


def _comments(source: str) -> list[tuple[int, int, str]]:
    """Return line, column from 0 and text of the comments, also where the cell is no Python."""
    code = parse(source).code
    found: list[tuple[int, int, str]] = []
    # Of a cell that is no Python, the comments before the mistake count.
    with contextlib.suppress(tokenize.TokenError, SyntaxError):
        for token in tokenize.generate_tokens(io.StringIO(code).readline):
            if token.type == tokenize.COMMENT:
                found.append((*token.start, token.string))  # noqa: PERF401 - it may end early
    # A line that was set aside loses its comment: read it as the user wrote it.
    for number, (kept, written) in enumerate(
        zip(split_lines(code), split_lines(source), strict=False), start=1
    ):
        if kept != written and (comment := _COMMENT.search(written)) and "#" not in kept:
            found.append((number, comment.start(), written[comment.start() :]))
    return found

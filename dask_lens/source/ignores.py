"""Comments that silence findings: ``# dask-lens: ignore`` and ``# dask-lens: ignore[name]``."""

from __future__ import annotations

import contextlib
import io
import re
import tokenize
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dask_lens.record.cell import Cell, Place
from dask_lens.source.aside import split_lines
from dask_lens.source.cell import parse

_COMMENT = re.compile(r"#\s*dask-lens:\s*ignore(?:\[(?P<names>[^\]]*)\])?", re.IGNORECASE)


@dataclass(frozen=True)
class Ignore:
    """One such comment.

    Parameters
    ----------
    place
        Where the comment stands.
    rules
        Names of the rules that it silences; empty for all.
    """

    place: Place
    rules: tuple[str, ...]

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
    """Return the comments that silenced nothing.

    Parameters
    ----------
    given
        All comments, from :func:`ignores`.
    silenced
        Place and rule name of each finding, the silenced ones included.
    """
    findings = list(silenced)
    return tuple(
        ignore
        for ignore in given
        if not any(ignore.silences(place, rule) for place, rule in findings)
    )


def _in_cell(number: int, source: str) -> list[Ignore]:
    lines = split_lines(source)
    found = []
    for line, column, text in _comments(source):
        comment = _COMMENT.search(text)
        if comment is None:
            continue
        names = (comment.group("names") or "").replace("_", "-").split(",")
        # A comment on a line of its own is about the line below.
        alone = not lines[line - 1][:column].strip()
        place = Place(number, line + alone, None if alone else column + 1)
        found.append(Ignore(place, tuple(name.strip().lower() for name in names if name.strip())))
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

"""New sources put into the text of a notebook, every other byte of it left as it is."""

from __future__ import annotations

import difflib
import itertools
import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import TypeAlias

#: Where a value starts and ends in a text.
Span: TypeAlias = tuple[int, int]

_decode = json.JSONDecoder().raw_decode
_SPACE = re.compile(r"[ \t\r\n]*")
_UNIT = re.compile(r"\\u[0-9a-fA-F]{4}|\\.|[^\\]+", re.DOTALL)
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_LINE_END = ("\\n", "\\u000a", "\\u000A")


def source_spans(text: str) -> list[Span | None]:
    """Return where the source of each code cell stands; None for a cell without.

    Parameters
    ----------
    text
        A notebook, known to be one.
    """
    document = dict(_members(text, _skip(text, 0)))
    if "cells" in document and text[document["cells"][0]] == "[":
        sheets = [document]
    else:
        # Notebooks of format 3 and older.
        sheets = [dict(_members(text, start)) for start, _ in _items(text, document["worksheets"])]
    spans: list[Span | None] = []
    for sheet in sheets:
        for start, _ in _items(text, sheet["cells"]) if "cells" in sheet else ():
            cell = dict(_members(text, start)) if text[start] == "{" else {}
            if "cell_type" in cell and json.loads(text[slice(*cell["cell_type"])]) == "code":
                spans.append(cell.get("source", cell.get("input")))
    return spans


def spell(text: str, span: Span, source: str) -> str:
    """Return the JSON of a new source, in the form of the old one; unchanged lines keep theirs.

    Parameters
    ----------
    text
        The notebook.
    span
        Where the old source stands in it.
    source
        The new source.
    """
    old = text[slice(*span)]
    in_ascii = text.isascii() and "\\u" in text
    if old.startswith('"'):
        raw = list(_raw_lines(old[1:-1]))
        written = [json.loads(f'"{line}"') for line in raw]
        parts = _merge(written, raw, source, in_ascii=in_ascii, quotes=False)
        return f'"{"".join(parts)}"'
    items = list(_items(text, span))
    raw = [text[start:end] for start, end in items]
    parts = _merge([json.loads(r) for r in raw], raw, source, in_ascii=in_ascii, quotes=True)
    if not parts or not items:
        return f"[{', '.join(parts)}]"
    before, after = text[span[0] : items[0][0]], text[items[-1][1] : span[1]]
    gaps = Counter(text[left[1] : right[0]] for left, right in itertools.pairwise(items))
    gap = gaps.most_common(1)[0][0] if gaps else "," + (before[1:] or " ")
    return before + gap.join(parts) + after


def file_line(text: str, span: Span, line: int) -> int:
    """Return the line of the file that holds a line of a source.

    Parameters
    ----------
    text
        The notebook.
    span
        Where the source stands in it.
    line
        Line of the source, from 1.
    """
    start = span[0]
    if text[start] == "[":
        above = 0
        for start, end in _items(text, span):
            above += json.loads(text[start:end]).count("\n")
            if above >= line:
                break
    return text.count("\n", 0, start) + 1


def _merge(
    written: list[str], raw: list[str], source: str, *, in_ascii: bool, quotes: bool
) -> list[str]:
    """Return the parts of a source as JSON, those of ``written`` that stay as they are in raw."""
    lines = _LINE.findall(source)
    if written != _LINE.findall("".join(written)):
        lines = _cut_alike(written, source)
    result: list[str] = []
    matcher = difflib.SequenceMatcher(None, written, lines, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            result += raw[i1:i2]
            continue
        for line in lines[j1:j2]:
            alone = any("\ud800" <= character <= "\udfff" for character in line)
            dumped = json.dumps(line, ensure_ascii=in_ascii or alone)
            result.append(dumped if quotes else dumped[1:-1])
    return result


def _cut_alike(written: list[str], source: str) -> list[str]:
    """Cut a source where the old one was, as far as both are the same from either end."""
    first = 0
    position = 0
    while first < len(written) and source.startswith(written[first], position):
        position += len(written[first])
        first += 1
    last, end = len(written), len(source)
    while last > first and end - len(written[last - 1]) >= position:
        if not source.endswith(written[last - 1], position, end):
            break
        last -= 1
        end -= len(written[last])
    return [*written[:first], *_LINE.findall(source[position:end]), *written[last:]]


def _raw_lines(body: str) -> Iterator[str]:
    """Cut the inside of a JSON string behind each escaped line end."""
    line = ""
    for unit in _UNIT.findall(body):
        line += unit
        if unit in _LINE_END:
            yield line
            line = ""
    if line:
        yield line


def _skip(text: str, position: int) -> int:
    space = _SPACE.match(text, position)
    return space.end() if space else position


def _members(text: str, start: int) -> Iterator[tuple[str, Span]]:
    """Yield the key of each member of an object, and where its value stands."""
    position = _skip(text, start + 1)
    while text[position] != "}":
        key, position = _decode(text, position)
        begin = _skip(text, _skip(text, position) + 1)
        end = _decode(text, begin)[1]
        yield key, (begin, end)
        position = _skip(text, end)
        if text[position] == ",":
            position = _skip(text, position + 1)


def _items(text: str, span: Span) -> Iterator[Span]:
    """Yield where each item of an array stands."""
    position = _skip(text, span[0] + 1)
    while text[position] != "]":
        end = _decode(text, position)[1]
        yield position, end
        position = _skip(text, end)
        if text[position] == ",":
            position = _skip(text, position + 1)

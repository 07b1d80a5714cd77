"""IPython syntax set aside: what is left is Python, every node at the line and column it had.

Magics with a statement keep it (``%time d.compute()``), all other IPython lines become
``pass``. Cells whose language is not Python become empty.
"""

from __future__ import annotations

import ast
import re

from dask_lens.source.words import words

#: Cell magics whose body is Python run in this kernel. The body of every other one is taken
#: for another language.
PYTHON_CELLS = words(
    "capture debug heat lens lens_compare lprun memit memray_flamegraph mprun prun "
    "pyinstrument scalene snakeviz time timeit"
)

#: Line magics that run the statement on their line.
STATEMENT_LINES = words("lprun memit mprun prun pyinstrument snakeviz time timeit")

#: Options of those magics that are followed by a value.
OPTIONS_WITH_VALUE = words("-n -r -p -s -l -T -D -f -m -t")

_NEWLINE = re.compile(r"\r\n|\r|\n")
_CELL_MAGIC = re.compile(r"%%(\w+)")
_ESCAPED = re.compile(r"\s*(?:%{1,2}\s*[A-Za-z_]|!|\?|[,;/]\s*[A-Za-z_])")
_ASSIGNED = re.compile(r"(\s*[^\W\d][\w\s,.\[\]'\"()*]*=\s*)(![^=]|%\s*[A-Za-z_])")
_HELP = re.compile(r"\s*%{0,2}(?!\d)[\w*][\w.*]*(?:\[[^\]]*\])*\?{1,2}\s*(?:#.*)?$")
#: IPython asks about the last name of a line, whatever stands before it; no string, no comment.
_HELP_AT_END = re.compile(r"[^#'\"]*[\w*\]]\?{1,2}$")
_LINE_MAGIC = re.compile(r"(\s*)%(\w+)(\s+|$)")
_TOKEN = re.compile(
    r"#.*"
    r"|(?P<triple>\"\"\"|''')"
    r"|\"(?:\\.|[^\"\\])*\"?|'(?:\\.|[^'\\])*'?"
    r"|(?P<open>[(\[{])|(?P<close>[)\]}])"
)


def split_lines(text: str) -> list[str]:
    """Split at the line ends that Python's parser knows, and at no others."""
    return _NEWLINE.split(text)


def cell_language(source: str) -> str | None:
    """Return the name of the cell magic that makes this another language; None for Python."""
    for line in split_lines(source):
        if not line.strip():
            continue
        magic = _CELL_MAGIC.match(line)
        if magic is None:
            return None
        if magic.group(1) not in PYTHON_CELLS:
            return magic.group(1)
    return None


def set_aside(source: str) -> str:
    """Return ``source`` as Python text.

    Parameters
    ----------
    source
        A cell as the user wrote it.

    Returns
    -------
    str
        The same lines; statements keep their lines and columns. Empty lines where the cell is
        of another language.
    """
    lines = split_lines(source)
    ends = [*_NEWLINE.findall(source), ""]
    if cell_language(source) is not None:
        return "".join(ends)
    _blank_cell_magics(lines)
    inside = _Inside()
    number = 0
    while number < len(lines):
        line = lines[number]
        replaced = None if inside.something else _as_python(line)
        if replaced is None:
            inside.read(line)
            number += 1
            continue
        lines[number] = replaced
        while line.rstrip().endswith("\\") and number + 1 < len(lines):
            number += 1
            line, lines[number] = lines[number], ""
        number += 1
    return "".join(line + end for line, end in zip(lines, ends, strict=True))


def _blank_cell_magics(lines: list[str]) -> None:
    for number, line in enumerate(lines):
        if line.strip() and not _CELL_MAGIC.match(line):
            return
        lines[number] = ""


def _as_python(line: str) -> str | None:
    """Return the Python for a line with IPython syntax; None for a line without."""
    assigned = _ASSIGNED.match(line)
    start = assigned.group(1) if assigned else ""
    if assigned and _is_target(start):
        magic = _LINE_MAGIC.match(line, len(start))
        if magic and magic.group(2) in STATEMENT_LINES:
            kept = _statement(line, magic.end(), (ast.Expr,))
            if kept is not None:
                return start + " " * (kept - len(start)) + line[kept:]
        return start + "None"
    indent = line[: len(line) - len(line.lstrip())]
    if _ESCAPED.match(line):
        magic = _LINE_MAGIC.match(line)
        if magic and magic.group(2) in STATEMENT_LINES:
            kept = _statement(line, magic.end(), (ast.Expr, ast.Assign, ast.AugAssign))
            if kept is not None:
                # A prefix that Python allows before any simple statement, as long as the magic.
                return indent + "if 1:".ljust(kept - len(indent)) + line[kept:]
        return indent + "pass"
    return indent + "pass" if _HELP.match(line) or _HELP_AT_END.match(line) else None


def _is_target(start: str) -> bool:
    """Whether what stands before a magic assigns: ``print('x=%d' % x)`` has one in a string."""
    try:
        ast.parse(start.lstrip() + "0")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _statement(line: str, start: int, kinds: tuple[type[ast.stmt], ...]) -> int | None:
    """Return where the statement after a magic and its options begins; None if there is none."""
    words = list(re.finditer(r"\S+", line[start:]))
    while words and words[0].group().startswith("-"):
        option = words.pop(0).group()
        if option in OPTIONS_WITH_VALUE and words:
            words.pop(0)
    if not words:
        return None
    position = start + words[0].start()
    try:
        body = ast.parse(line[position:]).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return position if body and all(isinstance(node, kinds) for node in body) else None


class _Inside:
    """Whether a line begins inside a string, inside brackets or after a backslash."""

    def __init__(self) -> None:
        self.quotes: str | None = None
        self.depth = 0
        self.continued = False

    @property
    def something(self) -> bool:
        return self.quotes is not None or self.depth > 0 or self.continued

    def read(self, line: str) -> None:
        position = 0
        comment = False
        while position < len(line):
            if self.quotes is not None:
                position = self._skip_string(line, position, self.quotes)
                continue
            token = _TOKEN.search(line, position)
            if token is None:
                break
            position = token.end()
            comment = token.group().startswith("#")
            self.quotes = token.group("triple")
            self.depth += bool(token.group("open")) - bool(token.group("close"))
        self.depth = max(self.depth, 0)
        self.continued = self.quotes is None and not comment and line.endswith("\\")

    def _skip_string(self, line: str, position: int, quotes: str) -> int:
        while position < len(line):
            if line[position] == "\\":
                position += 2
            elif line.startswith(quotes, position):
                self.quotes = None
                return position + len(quotes)
            else:
                position += 1
        return position

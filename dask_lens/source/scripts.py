"""Files that Python runs from the top: scripts, and cells that write one."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from dask_lens.record.cell import Cell
from dask_lens.source.aside import split_lines
from dask_lens.source.program import Program

#: What writes the cell into a Python file, as a whole.
_WRITES = re.compile(r"%%(?:writefile|file)\s+(?!-)(?:\S.*)?\.py['\"]?\s*$")
#: What editors and converters leave in files whose parts are run in a kernel.
_INTERACTIVE = re.compile(
    r"^# ?(?:%%|In ?\[|<codecell>|\+$|COMMAND -)|^#\s+jupytext:|\bget_ipython\(", re.MULTILINE
)


@dataclass(frozen=True)
class Script:
    """A script, read.

    Parameters
    ----------
    cell
        Index of its cell.
    line
        How many lines of the cell stand above that of the magic that writes it.
    above
        The cell up to the end of that magic.
    text
        The cell, with empty lines instead of that.
    """

    cell: int
    line: int
    above: str
    text: str

    @property
    def program(self) -> Program:
        """What it does; lines and columns are those of the cell."""
        return _program(self.text)


def scripts(cells: Sequence[Cell]) -> tuple[Script, ...]:
    """Return the scripts among cells.

    Parameters
    ----------
    cells
        The cells of a file. A script that is run part by part in a kernel is none.
    """
    found = [_script(number, cell) for number, cell in enumerate(cells)]
    return tuple(script for script in found if script is not None)


def _script(number: int, cell: Cell) -> Script | None:
    if cell.path is not None:
        return None if _INTERACTIVE.search(cell.source) else Script(number, 0, "", cell.source)
    if "file" not in cell.source:
        return None
    for line, text in enumerate(split_lines(cell.source)):
        if text.strip():
            if not _WRITES.match(text):
                return None
            rest = cell.source.split(text, 1)[1]
            above = cell.source[: len(cell.source) - len(rest)]
            return Script(number, line, above, "\n" * line + rest)
    return None


@functools.lru_cache(maxsize=32)
def _program(text: str) -> Program:
    return Program(source=text)

"""Runs in the kernel: finds the cell, and the line in it, that a call comes from."""

from __future__ import annotations

import linecache
from types import CodeType, FrameType

from dask_lens.record.cell import Cell

#: What ``%%prun`` gives to the profiler, and many a text that is run.
_PROFILED = "<string>"
#: How IPython names the code of ``%%time`` and ``%%timeit``; lines count from its beginning.
BODIES = frozenset({"<timed exec>", "<timed eval>", "<magic-timeit>", _PROFILED})

#: A cell and a line of it.
Spot = tuple[Cell | None, int | None]
NOWHERE: Spot = None, None


class Cells:
    """The cells that ran, and the file names that their code goes by."""

    def __init__(self) -> None:
        self._latest: dict[str, Cell] = {}
        self._files: dict[str, Cell] = {}
        #: Lines of the cell above a part of it that runs under its own file name.
        self._above: dict[str, int | None] = {}
        self._spots: dict[tuple[int, int, int | None], tuple[CodeType, Spot]] = {}

    def add(self, cell: Cell, filename: str | None) -> tuple[Cell, ...]:
        """Take note that a cell starts and return all cells, this one last.

        Parameters
        ----------
        cell
            The cell; another version of it (the same id, or else the same file name) is
            forgotten.
        filename
            What its frames have for ``co_filename``; None where that is not known.
        """
        self._spots.clear()
        identity = cell.cell_id or filename or cell.source
        self._latest.pop(identity, None)
        self._latest[identity] = cell
        if filename is not None:
            self._files[filename] = cell
            self._above.pop(filename, None)
        return tuple(self._latest.values())

    def add_part(self, cell: Cell, source: str, filename: str) -> None:
        """Take note that a part of ``cell`` runs under a file name of its own."""
        self._spots.clear()
        self._files[filename] = cell
        at = cell.source.find(source.strip()) if source.strip() else -1
        above = None if at < 0 else cell.source.count("\n", 0, at)
        self._above[filename] = above

    def has(self, filename: str) -> bool:
        """Whether code under this file name is a cell's."""
        return filename in self._files

    def locate(self, frame: FrameType | None) -> tuple[Cell | None, Cell | None, int | None]:
        """Return the cell that set off the call, and the cell and line where it was made.

        Parameters
        ----------
        frame
            The innermost frame to look at. The outermost frame of a known cell tells what set
            the call off (the first of several cells whose functions call each other), the
            innermost where it was made.
        """
        files = self._files
        origin = where = None
        line = body_line = None
        while frame is not None:
            filename = frame.f_code.co_filename
            if filename in files:
                origin = files[filename]
                if where is None:
                    where, line = self._spot(frame, body_line)
            elif where is None and body_line is None and filename in BODIES and _is_body(frame):
                body_line = frame.f_lineno
            frame = frame.f_back
        return origin, where, line

    def spot(self, frame: FrameType | None) -> Spot:
        """Return the cell and line where a call was made, and no more: this one is fast.

        Parameters
        ----------
        frame
            The innermost frame to look at.
        """
        files = self._files
        body_line = None
        while frame is not None:
            filename = frame.f_code.co_filename
            if filename in files:
                return self._spot(frame, body_line)
            if body_line is None and filename in BODIES and _is_body(frame):
                body_line = frame.f_lineno
            frame = frame.f_back
        return NOWHERE

    def _spot(self, frame: FrameType, body_line: int | None) -> Spot:
        """Return where a cell's frame is; to work it out takes long, and loops come again."""
        code = frame.f_code
        place = id(code), frame.f_lasti, body_line
        known = self._spots.get(place)
        if known is None or known[0] is not code:
            cell = self._files[code.co_filename]
            line = self._line(cell, code.co_filename, frame.f_lineno, body_line)
            known = self._spots[place] = code, (cell, line)
        return known[1]

    def _line(self, cell: Cell, filename: str, line: int, body_line: int | None) -> int | None:
        """Translate a line of the code that ran into a line as the user wrote it."""
        if filename in self._above:
            above = self._above[filename]
            return None if above is None else line + above
        leading = _empty_lines(cell.source)
        written = cell.source.splitlines()
        if body_line is not None and written[leading].startswith("%%"):
            # The magic's line is above the body, and so are the body's own empty lines.
            above = leading + 1
            return body_line + above + _empty_lines("\n".join(written[above:]))
        return _as_written(written, linecache.getlines(filename), line, leading)


def _is_body(frame: FrameType) -> bool:
    """Whether a frame of that name is a cell's, and no text that the user's code runs."""
    code, caller = frame.f_code, frame.f_back
    if code.co_filename != _PROFILED:
        return True
    profiler = caller is not None and caller.f_code.co_filename.endswith("cProfile.py")
    return profiler and code.co_name == "<module>"


def _empty_lines(source: str) -> int:
    """Count the empty lines at the top, which IPython drops."""
    return source.count("\n", 0, len(source) - len(source.lstrip()))


def _as_written(written: list[str], ran: list[str], line: int, leading: int) -> int | None:
    # IPython drops leading empty lines and joins what magics continue with a backslash.
    if not ran or len(ran) + leading == len(written):
        return line + leading
    if len(ran) == len(written):
        return line
    text = ran[line - 1].strip() if line <= len(ran) else ""
    found = [number for number, other in enumerate(written, 1) if other.strip() == text]
    return found[0] if len(found) == 1 else None

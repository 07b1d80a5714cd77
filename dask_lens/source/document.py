"""A file with code: read with care, and given back with changed cells and nothing else changed."""

from __future__ import annotations

import functools
import io
import os
import stat
import tokenize
from collections.abc import Mapping
from pathlib import Path

from dask_lens.record.cell import Cell
from dask_lens.source.modules import modules_beside
from dask_lens.source.notebook import NotebookError, notebook_cells
from dask_lens.source.splice import Span, file_line, source_spans, spell

#: Bytes: whoever has a larger one has data in it. Jupyter itself warns from 100 MB on.
MOST_BYTES = 100_000_000


class Document:
    """The text of a notebook or a script, as cells.

    Parameters
    ----------
    text
        What stands in the file.
    name
        How errors name it.
    encoding
        How it is written in bytes.
    is_notebook
        Whether it is a notebook; else it is a script: one cell, whose lines are the file's.

    Raises
    ------
    NotebookError
        When the text is not what it should be.
    """

    def __init__(
        self, text: str, name: str, *, encoding: str = "utf-8", is_notebook: bool = False
    ) -> None:
        self.text = text
        self.name = name
        self.encoding = encoding
        self.is_notebook = is_notebook
        self.cells = notebook_cells(text, name) if is_notebook else (Cell(text, path=name),)

    @property
    def modules(self) -> tuple[tuple[str, str], ...]:
        """The modules beside it that it imports, with their text."""
        return modules_beside(self.cells, Path(self.name).parent)

    @functools.cached_property
    def _spans(self) -> list[Span | None]:
        return source_spans(self.text)

    def replaced(self, sources: Mapping[int, str]) -> Document:
        """Return the document with new sources in some of its cells.

        Parameters
        ----------
        sources
            New text by index of the cell.
        """
        if not self.is_notebook:
            text = sources.get(0, self.text)
        else:
            pieces, position = [], 0
            for span, number in sorted(
                (s, n) for n in sources if (s := self._spans[n]) is not None
            ):
                pieces += [self.text[position : span[0]], spell(self.text, span, sources[number])]
                position = span[1]
            text = "".join([*pieces, self.text[position:]])
        return Document(text, self.name, encoding=self.encoding, is_notebook=self.is_notebook)

    def line(self, cell: int, line: int) -> int:
        """Return the line of the file that holds a line of a cell, both from 1."""
        span = self._spans[cell] if self.is_notebook else None
        return line if span is None else file_line(self.text, span, line)

    def encoded(self) -> bytes:
        """Return the document as bytes, in the encoding that it came in.

        Raises
        ------
        NotebookError
            When the encoding has no such character.
        """
        try:
            return self.text.encode(self.encoding)
        except UnicodeEncodeError as error:
            raise NotebookError(
                f"{self.name} cannot be written in {self.encoding}: {error.reason}"
            ) from error


def decoded(data: bytes, name: str, *, is_notebook: bool) -> Document:
    """Return the document that these bytes are.

    Parameters
    ----------
    data
        The content of a file.
    name
        How errors name it.
    is_notebook
        Whether it is a notebook, or else a script.

    Raises
    ------
    NotebookError
        When the bytes are not text, or not a notebook.
    """
    encoding = "utf-8-sig" if data.startswith(b"\xef\xbb\xbf") else "utf-8"
    if not is_notebook:
        try:
            encoding = tokenize.detect_encoding(io.BytesIO(data).readline)[0]
        except SyntaxError as error:
            raise NotebookError(f"{name} is not text in UTF-8: {error.msg}") from error
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        written = encoding.removesuffix("-sig").upper()
        raise NotebookError(f"{name} is not text in {written}: {error.reason}") from error
    return Document(text, name, encoding=encoding, is_notebook=is_notebook)


def read_document(path: str | Path) -> Document:
    """Read a notebook (``.ipynb``) or a script.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    NotebookError
        When the file cannot be read, or is not what its name says.
    """
    path = Path(path)
    return decoded(read_bytes(path), str(path), is_notebook=path.suffix == ".ipynb")


def read_bytes(path: Path) -> bytes:
    """Return the content of a plain file of a sensible size.

    Raises
    ------
    NotebookError
        When it is something else, or cannot be read.
    """
    try:
        # Not to wait for a pipe that nobody writes into.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as file:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                raise NotebookError(f"{path} cannot be read: it is no plain file")
            if found.st_size > MOST_BYTES:
                raise NotebookError(
                    f"{path} is too large to be checked, {found.st_size / 1e6:,.0f} MB: "
                    "clear its outputs"
                )
            return file.read()
    except (OSError, ValueError) as error:
        if isinstance(error, NotebookError):
            raise
        reason = getattr(error, "strerror", None) or error
        raise NotebookError(f"{path} cannot be read: {reason}") from error

"""Cells from files: notebooks and scripts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dask_lens.record.cell import Cell


class NotebookError(ValueError):
    """A file that holds no cells; the message says which, why, and the way out."""


def read_file(path: str | Path) -> tuple[Cell, ...]:
    """Return the code cells of a file.

    Parameters
    ----------
    path
        A notebook (``.ipynb``), or a script: that is one cell, whose lines are the file's.

    Raises
    ------
    NotebookError
        When the file cannot be read, or is not what its name says.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotebookError(f"{path} is not text in UTF-8: {error.reason}") from error
    except OSError as error:
        raise NotebookError(f"{path} cannot be read: {error.strerror or error}") from error
    return notebook_cells(text, str(path)) if path.suffix == ".ipynb" else (Cell(text),)


def notebook_cells(text: str, name: str = "the notebook") -> tuple[Cell, ...]:
    """Return the code cells of a notebook.

    Parameters
    ----------
    text
        The notebook's JSON.
    name
        How errors name it.

    Raises
    ------
    NotebookError
        When the text is not a notebook.
    """
    try:
        document = json.loads(text)
    except ValueError as error:
        raise NotebookError(f"{name} is not a notebook: no valid JSON ({error})") from error
    cells = _list_of_cells(document)
    if cells is None:
        raise NotebookError(
            f"{name} is not a notebook: it has no list of cells; open it in Jupyter"
        )
    code = [cell for cell in cells if isinstance(cell, dict) and cell.get("cell_type") == "code"]
    return tuple(
        Cell(_source(cell, name), cell_id=_identity(cell), index=number)
        for number, cell in enumerate(code)
    )


def _list_of_cells(document: Any) -> list[Any] | None:
    if not isinstance(document, dict):
        return None
    cells = document.get("cells")
    if cells is None and isinstance(document.get("worksheets"), list):
        # Notebooks of format 3 and older.
        sheets = [sheet for sheet in document["worksheets"] if isinstance(sheet, dict)]
        cells = [cell for sheet in sheets for cell in sheet.get("cells") or ()]
    return cells if isinstance(cells, list) else None


def _source(cell: dict[str, Any], name: str) -> str:
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        return "".join(source)
    if not isinstance(source, str):
        raise NotebookError(f"{name} has a code cell whose source is no text")
    return source


def _identity(cell: dict[str, Any]) -> str | None:
    found = cell.get("id")
    return found if isinstance(found, str) else None

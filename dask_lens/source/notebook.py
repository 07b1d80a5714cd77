"""The code cells of a notebook."""

from __future__ import annotations

import json
import re
from typing import Any

from dask_lens.record.cell import Cell

_FOREIGN = re.compile(
    r"(ir|julia|bash|octave|matlab|scala|sas|javascript|deno|rust)\b", re.IGNORECASE
)


class NotebookError(ValueError):
    """A file that holds no cells; the message says which, why, and the way out."""


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
    except (ValueError, RecursionError) as error:
        raise NotebookError(f"{name} is not a notebook: no valid JSON ({error})") from error
    cells = _list_of_cells(document)
    if cells is None:
        raise NotebookError(
            f"{name} is not a notebook: it has no list of cells; open it in Jupyter"
        )
    language = _language(document)
    if language is not None and "python" not in language.lower():
        raise NotebookError(f"{name} is not checked: its language is {language}, not Python")
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


def _language(document: dict[str, Any]) -> str | None:
    """Return the language of a notebook; None where it does not say."""
    metadata = document.get("metadata")
    if not isinstance(metadata, dict):
        return None
    for part, key in (("kernelspec", "language"), ("language_info", "name")):
        found = metadata.get(part)
        if isinstance(found, dict) and isinstance(found.get(key), str) and found[key].strip():
            return str(found[key])
    found = metadata.get("kernelspec")
    name = found.get("name") if isinstance(found, dict) else None
    # Kernels of Python are named after environments; these are the usual ones that are not.
    return name if isinstance(name, str) and _FOREIGN.match(name) else None


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

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dask_lens.record.cell import Cell
from dask_lens.source.notebook import NotebookError, notebook_cells, read_file

NOTEBOOK = {
    "nbformat": 4,
    "cells": [
        {"cell_type": "markdown", "source": "# Title"},
        {"cell_type": "code", "id": "one", "source": ["x = 1\n", "y = 2"]},
        {"cell_type": "raw", "source": "raw"},
        {"cell_type": "code", "source": "%time z"},
    ],
}


def test_code_cells_are_numbered_among_themselves() -> None:
    assert notebook_cells(json.dumps(NOTEBOOK)) == (
        Cell("x = 1\ny = 2", "one", None, 0),
        Cell("%time z", None, None, 1),
    )


def test_old_notebooks_are_read() -> None:
    old = {"worksheets": [{"cells": [{"cell_type": "code", "input": ["x = 1"]}]}]}
    assert notebook_cells(json.dumps(old)) == (Cell("x = 1", index=0),)


def test_a_script_is_one_cell(tmp_path: Path) -> None:
    path = tmp_path / "script.py"
    path.write_text("\ufeffx = 'ü'\n# %%\ny = 2\n", encoding="utf-8")
    assert read_file(path) == (Cell("x = 'ü'\n# %%\ny = 2\n"),)


def test_a_notebook_is_read_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "book.ipynb"
    path.write_text(json.dumps(NOTEBOOK), encoding="utf-8")
    assert len(read_file(str(path))) == 2


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("", "no valid JSON", id="an empty file"),
        pytest.param("{", "no valid JSON", id="half a file"),
        pytest.param("[]", "no list of cells", id="another document"),
        pytest.param('{"cells": 3}', "no list of cells", id="cells that are a number"),
        pytest.param('{"cells": [{"cell_type": "code", "source": 3}]}', "is no text",
                     id="a source that is a number"),
    ],
)  # fmt: skip
def test_what_is_no_notebook_is_said(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "book.ipynb"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(NotebookError, match=reason) as caught:
        read_file(path)
    assert str(path) in str(caught.value)


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotebookError, match="cannot be read"):
        read_file(tmp_path / "nowhere.py")
    path = tmp_path / "picture.py"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(NotebookError, match="UTF-8"):
        read_file(path)


def test_odd_cells_are_passed_over() -> None:
    odd = {"cells": [None, 3, {}, {"cell_type": "code", "source": "x", "id": 7}]}
    assert notebook_cells(json.dumps(odd)) == (Cell("x", index=0),)

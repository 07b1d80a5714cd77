from __future__ import annotations

import json

import pytest

from dask_lens.record.cell import Cell
from dask_lens.source.notebook import NotebookError, notebook_cells

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
def test_what_is_no_notebook_is_said(text: str, reason: str) -> None:
    with pytest.raises(NotebookError, match=reason) as caught:
        notebook_cells(text, "book.ipynb")
    assert "book.ipynb" in str(caught.value)


@pytest.mark.parametrize(
    "metadata",
    [
        {"kernelspec": {"name": "ir", "language": "R"}},
        {"language_info": {"name": "julia"}},
        {"kernelspec": {"name": "julia-1.10", "display_name": "Julia"}},
    ],
)
def test_a_notebook_in_another_language_is_said(metadata: dict[str, object]) -> None:
    with pytest.raises(NotebookError, match=r"book\.ipynb is not checked: its language is"):
        notebook_cells(json.dumps({**NOTEBOOK, "metadata": metadata}), "book.ipynb")


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"kernelspec": None, "language_info": 3},
        {"kernelspec": {"name": "irradiance", "display_name": "My environment"}},
        {"kernelspec": {"language": "python"}, "language_info": {"name": "R"}},
        {"language_info": {"name": "ipython"}},
    ],
)
def test_a_notebook_of_python_is_read(metadata: dict[str, object]) -> None:
    assert len(notebook_cells(json.dumps({**NOTEBOOK, "metadata": metadata}))) == 2


def test_odd_cells_are_passed_over() -> None:
    odd = {"cells": [None, 3, {}, {"cell_type": "code", "source": "x", "id": 7}]}
    assert notebook_cells(json.dumps(odd)) == (Cell("x", index=0),)

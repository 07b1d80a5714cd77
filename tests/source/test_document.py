"""Files read as they are, and given back with nothing changed but what was meant to be."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dask_lens.record.cell import Cell
from dask_lens.source import document
from dask_lens.source.document import Document, decoded, read_document
from dask_lens.source.notebook import NotebookError


def book(*sources: object, **other: object) -> dict[str, object]:
    cells: list[object] = [{"cell_type": "markdown", "source": ["# 1\n", "é"], "metadata": {}}]
    cells += [
        {"source": s, "outputs": [{"text": "\u2028é"}], "cell_type": "code"} for s in sources
    ]
    return {"cells": cells, "metadata": {"x": 1.50}, "nbformat": 4, **other}


def notebook(text: str) -> Document:
    return Document(text, "book.ipynb", is_notebook=True)


# --- reading ----------------------------------------------------------------------------------


def test_a_script_is_one_cell_with_the_line_ends_it_has(tmp_path: Path) -> None:
    path = tmp_path / "script.py"
    path.write_bytes("\ufeffx = 'ü'\r\n# %%\r\ny = 2\r\n".encode())
    assert read_document(path).cells == (Cell("x = 'ü'\r\n# %%\r\ny = 2\r\n"),)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xef\xbb\xbfx = 1\r\n",
        b"# -*- coding: latin-1 -*-\nx = '\xe9'\n",
        b"#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\nx = '\x80'",
        "x = 'é'\ry = 1".encode(),
    ],
)
def test_a_script_comes_back_as_it_was(data: bytes) -> None:
    read = decoded(data, "script.py", is_notebook=False)
    assert read.encoded() == data
    assert read.replaced({0: read.text + "z"}).encoded() == data + b"z"


def test_a_character_that_the_encoding_has_not_is_said() -> None:
    read = decoded(b"# coding: latin-1\n", "script.py", is_notebook=False)
    with pytest.raises(NotebookError, match=r"script\.py cannot be written in"):
        read.replaced({0: "\u20ac"}).encoded()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("picture.py", b"\xff\xfe\x00"),
        ("claims.py", b"# coding: utf-8\nx = '\xe9'"),
        ("unknown.py", b"# coding: klingon\n"),
        ("book.ipynb", b'{"cells": ["\xe9"]}'),
    ],
)
def test_bytes_that_are_no_text_are_said(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(NotebookError, match="UTF-8") as caught:
        read_document(tmp_path / name)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_cannot_be_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotebookError, match="cannot be read: No such file"):
        read_document(tmp_path / "nowhere.py")
    with pytest.raises(NotebookError, match="cannot be read: embedded null"):
        read_document("no\0where.py")
    with pytest.raises(NotebookError, match="cannot be read"):
        read_document(tmp_path)
    os.mkfifo(tmp_path / "pipe.py")
    with pytest.raises(NotebookError, match="no plain file"):
        read_document(tmp_path / "pipe.py")
    (tmp_path / "large.py").write_text("x = 1")
    monkeypatch.setattr(document, "MOST_BYTES", 4)
    with pytest.raises(NotebookError, match="too large"):
        read_document(tmp_path / "large.py")


# --- notebooks with changed cells -------------------------------------------------------------

FORMS = {
    "as Jupyter writes it": lambda d: json.dumps(d, indent=1, ensure_ascii=False) + "\n",
    "in one line": lambda d: json.dumps(d, separators=(",", ":")),
    "in one line, spaced": json.dumps,
    "with tabs and escapes": lambda d: json.dumps(d, indent="\t"),
    "with Windows line ends": lambda d: json.dumps(d, indent=4).replace("\n", "\r\n"),
    "with sorted keys": lambda d: json.dumps(d, sort_keys=True, indent=2) + "\n\n",
    "with a space before each colon": lambda d: json.dumps(d, separators=(" , ", " : ")),
}
SOURCES = {
    "a list of lines": ["x = 'é'\n", "y = 2\n", "z = 3"],
    "a text": "x = 'é'\ny = 2\nz = 3",
    "one line in a list": ["y = 2"],
    "Windows line ends": ["a = 1\r\n", "y = 2\r\n"],
}


@pytest.mark.parametrize("write", FORMS.values(), ids=FORMS.keys())
@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES.keys())
def test_only_the_changed_line_of_a_notebook_changes(write, source) -> None:
    before = write(book("first", source, ["last"]))
    whole = "".join(source)
    changed = notebook(before).replaced({1: whole.replace("y = 2", 'y = "ß"')})
    after = changed.text
    assert [c.source for c in changed.cells] == ["first", whole.replace("2", '"ß"'), "last"]
    assert type(json.loads(after)["cells"][2]["source"]) is type(source)
    ways = [json.dumps('y = "ß"', ensure_ascii=in_ascii)[1:-1] for in_ascii in (True, False)]
    assert before in [after.replace(way, "y = 2") for way in ways]


@pytest.mark.parametrize("write", FORMS.values(), ids=FORMS.keys())
@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES.keys())
def test_new_lines_are_laid_out_like_the_old(write, source) -> None:
    whole = "".join(source) + "\nnew = 1\nnewer = 2"
    lines = whole.splitlines(keepends=True)
    canonical = lines if isinstance(source, list) else whole
    text = write(book(source, "other"))
    after = notebook(text).replaced({0: whole}).text
    if source != SOURCES["one line in a list"] or "\n" in text.strip():
        assert after == write(book(canonical, "other"))


def test_a_list_that_is_cut_oddly_stays_so_around_the_change() -> None:
    text = json.dumps(book(["x\ny", " = 2\nz", "", " = 3\n", "a\nb"]))
    after = notebook(text).replaced({0: "x\ny = 2\nw = 3\na\nb"}).text
    expected = ["x\ny", " = 2\n", "w", "", " = 3\n", "a\nb"]
    assert json.loads(after)["cells"][1]["source"] == expected


def test_a_notebook_written_in_ascii_stays_in_ascii() -> None:
    text = json.dumps(book(["x = 'é'\n", "y"]))
    assert notebook(text).replaced({0: "x = 'é'\nß"}).text.isascii()


def test_odd_escapes_of_other_lines_stay() -> None:
    text = json.dumps(book("a\nb\nc")).replace("a\\nb\\nc", "\\u0061\\/\\u000ab\\n\\ud83d\\ude00")
    after = notebook(text).replaced({0: "a/\nB\n\U0001f600"}).text
    assert after == text.replace("ab\\n", "aB\\n")


def test_a_cell_may_become_empty_and_full_again() -> None:
    document = notebook(json.dumps(book(["x"]), indent=1))
    empty = document.replaced({0: ""})
    assert json.loads(empty.text)["cells"][1]["source"] == []
    assert json.loads(empty.replaced({0: "x\ny"}).text)["cells"][1]["source"] == ["x\n", "y"]


def test_the_last_of_two_equal_keys_counts_as_it_does_for_json() -> None:
    text = '{"cells": 1, "cells": [{"source": "a", "cell_type": "code", "source": "b"}]}'
    assert notebook(text).replaced({0: "c"}).text == text.replace('"b"', '"c"')


def test_a_notebook_of_format_3_is_changed_where_its_code_is() -> None:
    text = (
        '{"worksheets": [{"cells": [{"cell_type": "code", "input": ["x"]}]}, {}, {"cells": []}]}'
    )
    assert notebook(text).replaced({0: "y"}).text == text.replace('"x"', '"y"')


def test_lines_of_a_cell_are_found_in_the_file() -> None:
    text = json.dumps(book(["one\n", "two\n", "three"], "four\nfive"), indent=1)
    written = text.splitlines()
    document = notebook(text)
    assert [written[document.line(0, n) - 1].strip(' ",\\n') for n in (1, 2, 3)] == [
        "one", "two", "three",
    ]  # fmt: skip
    assert "four" in written[document.line(1, 2) - 1]
    assert Document("a\nb", "script.py").line(0, 2) == 2


lines = st.text(st.characters(codec="utf-8") | st.sampled_from('\n\r"\\é/'), max_size=20)


@given(st.lists(lines, max_size=6), lines, st.booleans(), st.sampled_from(list(FORMS.values())))
def test_any_source_takes_the_place_of_any_other(old, new, as_text, write) -> None:
    source = "".join(old) if as_text else old
    before = write(book("first", source, "last"))
    after = notebook(before).replaced({1: new})
    assert [cell.source for cell in after.cells] == ["first", new, "last"]
    document = json.loads(before)
    document["cells"][2]["source"] = json.loads(after.text)["cells"][2]["source"]
    assert json.loads(after.text) == document
    assert notebook(before).replaced({1: "".join(old)}).text == before

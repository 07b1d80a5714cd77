"""Rewrites on files: what changes, what does not, and what is shown before."""

from __future__ import annotations

import json
import os

import pytest
from shelling import BATCH, RIGHT, WRONG, notebook

from dask_lens.lint.store import store
from dask_lens.rewrite import Rewrite, Untouched
from dask_lens.source.notebook import NotebookError

MENDED = BATCH.replace("num_workers=4)", "num_workers=4, chunksize=1)")


def test_without_being_asked_nothing_is_written(dask_lens, tmp_path):
    path = tmp_path / "script.py"
    path.write_text(WRONG)
    before = path.stat().st_mtime_ns
    assert dask_lens("check").status == 1
    assert (path.read_text(), path.stat().st_mtime_ns) == (WRONG, before)


def test_a_file_with_nothing_to_mend_is_not_written(dask_lens, tmp_path):
    path = tmp_path / "script.py"
    path.write_text(RIGHT)
    before = path.stat()
    assert dask_lens("check", "--fix", "--unsafe-fixes").status == 0
    after = path.stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)


def test_safe_rewrites_are_applied_and_nothing_is_left_to_find(dask_lens, tmp_path):
    (tmp_path / "script.py").write_text(WRONG)
    answer = dask_lens("check", "--fix")
    assert (answer.status, (tmp_path / "script.py").read_text()) == (0, RIGHT)
    assert answer.out == "Applied 1 rewrite.\nNothing found, 1 file checked.\n"
    assert dask_lens("check", "--fix").out == "Nothing found, 1 file checked.\n"


def test_why_a_rewrite_does_not_fit_is_said_when_it_was_asked_for(
    dask_lens, tmp_path, monkeypatch
):
    (tmp_path / "script.py").write_text(WRONG)
    refused = Untouched("return-data", "it is used elsewhere")
    monkeypatch.setattr(Rewrite, "propose", lambda *_: refused)
    asked = dask_lens("check", "--unsafe-fixes")
    assert (asked.status, (tmp_path / "script.py").read_text()) == (1, WRONG)
    assert "  = return-data leaves it alone: it is used elsewhere\n" in asked.out
    assert "There may be rewrites" not in asked.out
    plain = dask_lens("check").out
    assert "leaves it alone" not in plain
    assert "There may be rewrites for 1" in plain


def test_several_mistakes_in_one_file_are_mended_together(dask_lens, tmp_path):
    twice = WRONG + WRONG.partition("client = Client()\n")[2].replace("load", "read")
    (tmp_path / "script.py").write_text(BATCH + twice)
    answer = dask_lens("check", "--fix", "--unsafe-fixes")
    assert answer.status == 0
    assert "Applied 3 rewrites." in answer.out
    text = (tmp_path / "script.py").read_text()
    assert text.startswith(MENDED)
    assert "scatter" not in text


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("\ufeff" + WRONG, "utf-8"),
        (WRONG.replace("\n", "\r\n"), "utf-8"),
        ("# coding: latin-1\né = 'ü'\n" + WRONG, "latin-1"),
        (WRONG + "\n\n# no line end at the end: é", "utf-8"),
    ],
    ids=["a byte order mark", "Windows line ends", "a coding comment", "no last line end"],
)
def test_a_script_keeps_its_encoding_and_line_ends(dask_lens, tmp_path, data, encoding):
    path = tmp_path / "script.py"
    path.write_bytes(data.encode(encoding))
    dask_lens("check", "--fix")
    ends = "\r\n" if "\r" in data else "\n"
    expected = data.replace(WRONG.replace("\n", ends), RIGHT.replace("\n", ends))
    assert path.read_bytes() == expected.encode(encoding)


@pytest.mark.parametrize("indent", [1, 4, None])
def test_a_notebook_changes_in_the_lines_of_the_cell_alone(dask_lens, tmp_path, indent):
    path = tmp_path / "book.ipynb"
    before = notebook("%matplotlib inline\nx = 'é'", "%%time\n" + WRONG, "!ls", indent=indent)
    before = before.replace("\n", "\r\n") if indent == 4 else before
    path.write_bytes(before.encode())
    assert dask_lens("check", "--fix").status == 0
    after = path.read_bytes().decode()
    cells = json.loads(after)["cells"]
    assert "".join(cells[2]["source"]) == "%%time\n" + RIGHT
    removed = set(before.split("\n")) - set(after.split("\n"))
    if indent is not None:
        assert all("get_client" in line for line in removed)
        assert len(after.split("\n")) == len(before.split("\n"))
    expected = json.loads(before)
    expected["cells"][2]["source"] = cells[2]["source"]
    assert json.loads(after) == expected
    changed = json.dumps(cells[2]["source"], indent=indent, ensure_ascii=False)
    assert after.count("\r\n") == before.count("\r\n")
    assert len(changed) < len(after)


def test_a_rewrite_across_cells_changes_them_all(dask_lens, tmp_path):
    head, body = WRONG.split("client = Client()\n")
    path = tmp_path / "book.ipynb"
    path.write_text(notebook(head, "client = Client()", body), encoding="utf-8")
    assert dask_lens("check", "--fix").status == 0
    sources = ["".join(c["source"]) for c in json.loads(path.read_text("utf-8"))["cells"][1:]]
    assert "scatter" not in "".join(sources)


def test_a_diff_is_shown_and_nothing_written(dask_lens, tmp_path):
    path = tmp_path / "script.py"
    path.write_text(WRONG)
    answer = dask_lens("check", "--diff")
    assert (answer.status, path.read_text()) == (1, WRONG)
    assert answer.out.startswith("--- script.py\n+++ script.py\n@@ -1,5 +1,5 @@\n-from dask")
    assert "+    return open(path).read()\n" in answer.out
    assert answer.err == "Would apply 1 rewrite in 1 file.\n"
    assert dask_lens("check", "--diff", "--exit-zero").status == 0


def test_a_diff_of_nothing_is_a_success_whatever_was_found(dask_lens, tmp_path):
    (tmp_path / "script.py").write_text(WRONG)
    answer = dask_lens("check", "--diff", "--ignore", "DSK101")
    assert (answer.status, answer.out) == (0, "")


def test_a_diff_of_a_notebook_is_by_cell(dask_lens, tmp_path):
    (tmp_path / "book.ipynb").write_text(notebook("x = 1", WRONG))
    out = dask_lens("check", "--diff", "book.ipynb").out
    assert out.startswith("--- book.ipynb:cell 2\n+++ book.ipynb:cell 2\n@@")
    assert '"' not in out.partition("@@")[2].partition("load,")[0]


def test_a_diff_can_be_applied_by_patch(dask_lens, tmp_path):
    path = tmp_path / "script.py"
    path.write_text(WRONG.removesuffix("\n"))
    patch = dask_lens("check", "--diff", "script.py").out
    assert "\\ No newline at end of file" in patch


# --- comments that silence --------------------------------------------------------------------


def test_a_comment_that_does_nothing_is_found_and_taken_away(dask_lens, tmp_path):
    path = tmp_path / "script.py"
    path.write_text("x = 1  # dask-lens: ignore\n# dask-lens: ignore[DSK101]\ny = 2  # fine\n")
    found = dask_lens("check", "--output-format", "json").json
    assert [(f["name"], f["line"]) for f in found] == [("unused-ignore", 1), ("unused-ignore", 2)]
    assert dask_lens("check", "--fix").status == 0
    assert path.read_text() == "x = 1\ny = 2  # fine\n"


def test_a_comment_that_silences_is_left_alone(dask_lens, tmp_path):
    path = tmp_path / "script.py"
    path.write_text(WRONG.replace(".read())", ".read())  # dask-lens: ignore[DSK101]"))
    before = path.read_text()
    assert dask_lens("check", "--fix").status == 0
    assert path.read_text() == before


def test_a_comment_with_a_name_that_is_no_rule_is_found_and_kept(dask_lens, tmp_path):
    path = tmp_path / "script.py"
    path.write_text("x.compute()  # dask-lens: ignore[process-small-batch]\n")
    answer = dask_lens("check", "--fix")
    assert answer.status == 1
    assert "LENS002 unknown-rule" in answer.out
    assert "perhaps 'processes-small-batch'" in answer.out
    assert "ignore[process-small-batch]" in path.read_text()


def test_notices_can_be_ignored_and_are_not_among_selected_rules(dask_lens, tmp_path):
    (tmp_path / "script.py").write_text("x = 1  # dask-lens: ignore[DSK201]\n")
    assert dask_lens("check", "--ignore", "unused-ignore").status == 0
    assert dask_lens("check", "--select", "DSK1").status == 0
    assert dask_lens("check", "--select", "LENS,DSK101").status == 0
    assert dask_lens("check", "--select", "LENS,DSK").status == 1


# --- writing ----------------------------------------------------------------------------------


def test_links_and_permissions_stay(dask_lens, tmp_path):
    (tmp_path / "real").mkdir()
    target = tmp_path / "real" / "script.py"
    target.write_text(WRONG)
    target.chmod(0o750)
    (tmp_path / "link.py").symlink_to(target)
    assert dask_lens("check", "--fix", "link.py").status == 0
    assert (tmp_path / "link.py").is_symlink()
    assert target.read_text() == RIGHT
    assert target.stat().st_mode & 0o777 == 0o750
    assert [file.name for file in (tmp_path / "real").iterdir()] == ["script.py"]


def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path):
    path = tmp_path / "script.py"
    path.write_bytes(b"new")
    with pytest.raises(NotebookError, match="changed while it was checked"):
        store(path, b"mended", b"old")
    assert path.read_bytes() == b"new"
    assert [file.name for file in tmp_path.iterdir()] == ["script.py"]


def test_a_file_that_may_not_be_written_is_said(dask_lens, tmp_path, monkeypatch):
    (tmp_path / "script.py").write_text(WRONG)
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    answer = dask_lens("check", "--fix", "script.py")
    assert answer.status == 2
    assert answer.err == "script.py cannot be written: it is read-only\n"
    assert (tmp_path / "script.py").read_text() == WRONG


def test_a_copy_that_cannot_take_the_place_is_cleared_away(tmp_path, monkeypatch):
    path = tmp_path / "script.py"
    path.write_bytes(b"old")

    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(path), "replace", refuse)
    with pytest.raises(NotebookError, match="No space left"):
        store(path, b"mended", b"old")
    assert [file.name for file in tmp_path.iterdir()] == ["script.py"]

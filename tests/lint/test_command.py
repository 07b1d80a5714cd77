"""``dask lens check``: files in, lines and an exit status out."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from shelling import BATCH, RIGHT, WRONG, notebook

# --- nothing found ----------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["", "\n", "x = 1", RIGHT, "%%bash\nls", "!ls\nx?"])
def test_code_that_is_right_is_no_finding(dask_lens, tmp_path, source):
    (tmp_path / "book.ipynb").write_text(notebook(source), encoding="utf-8")
    answer = dask_lens("check", ".")
    assert (answer.status, answer.err) == (0, "")
    assert answer.out == "Nothing found, 1 file checked.\n"


def test_an_empty_script_and_a_notebook_without_cells_are_checked(dask_lens, tmp_path):
    (tmp_path / "empty.py").write_text("")
    (tmp_path / "empty.ipynb").write_text('{"cells": []}')
    assert dask_lens("check").out == "Nothing found, 2 files checked.\n"
    assert dask_lens("check", "--output-format", "json").json == []


# --- something found --------------------------------------------------------------------------


def test_a_finding_is_shown_with_its_line(dask_lens, tmp_path):
    (tmp_path / "script.py").write_text(WRONG)
    answer = dask_lens("check", "script.py")
    assert answer.status == 1
    where, bar, line, marks, advice, *_ = answer.out.splitlines()
    assert where.startswith("script.py:4:5: DSK101 future-returned-from-task: load runs as a task")
    assert bar == "  |"
    assert line == "4 |     return get_client().scatter(open(path).read())"
    assert marks == "  |     " + "^" * (len(line) - len("4 |     "))
    assert advice.startswith("  = Return the data")
    assert "Found 1 finding (1 fails) in 1 of 1 file checked." in answer.out


def test_a_finding_in_a_notebook_names_its_cell(dask_lens, tmp_path):
    head, body = WRONG.split("client = Client()\n")
    (tmp_path / "book.ipynb").write_text(notebook(head + "client = Client()", "%%time\n" + body))
    answer = dask_lens("check", "book.ipynb")
    assert answer.out.startswith("book.ipynb:cell 2:3:5: DSK101")
    assert "3 |     return get_client()" in answer.out
    [found] = dask_lens("check", "book.ipynb", "--output-format", "json").json
    assert [found[key] for key in ("path", "cell", "cell_id", "line")] == [
        "book.ipynb",
        1,
        "c1",
        3,
    ]


def test_findings_come_in_the_order_of_the_text(dask_lens, tmp_path):
    (tmp_path / "b.py").write_text(WRONG)
    (tmp_path / "a.py").write_text(BATCH + WRONG)
    found = dask_lens("check", ".", "--output-format", "json").json
    assert [(f["path"], f["line"]) for f in found] == [("a.py", 9), ("a.py", 13), ("b.py", 4)]


@pytest.mark.parametrize("output", ["text", "json", "sarif", "github"])
def test_exit_zero_is_for_findings_and_not_for_what_cannot_be_read(dask_lens, tmp_path, output):
    (tmp_path / "script.py").write_text(WRONG)
    check = ("check", "--output-format", output, "--exit-zero", "script.py")
    assert dask_lens(*check).status == 0
    assert dask_lens(*check, "nowhere.py").status == 2


def test_statistics_count_by_rule(dask_lens, tmp_path):
    (tmp_path / "a.py").write_text(BATCH + WRONG)
    (tmp_path / "b.py").write_text(WRONG)
    lines = dask_lens("check", "--statistics").out.splitlines()
    assert lines[:2] == [
        "2  DSK101  future-returned-from-task",
        "1  DSK201  processes-small-batch",
    ]
    counted = dask_lens("check", "--statistics", "--output-format", "json").json
    assert [(row["code"], row["count"]) for row in counted] == [("DSK101", 2), ("DSK201", 1)]


@pytest.mark.parametrize(
    ("arguments", "codes"),
    [
        (["--select", "DSK101"], ["DSK101"]),
        (["--select", "dsk2"], ["DSK201"]),
        (["--select", "future-returned-from-task,DSK2"], ["DSK201", "DSK101"]),
        (["--select", "DSK1", "--select", "ALL"], ["DSK201", "DSK101"]),
        (["--ignore", "processes_small_batch"], ["DSK101"]),
        (["--select", "ALL", "--ignore", "DSK"], []),
    ],
    ids=str,
)
def test_rules_are_selected_and_ignored(dask_lens, tmp_path, arguments, codes):
    (tmp_path / "a.py").write_text(BATCH + WRONG)
    found = dask_lens("check", *arguments, "--output-format", "json").json
    assert [f["code"] for f in found] == codes


# --- stdin ------------------------------------------------------------------------------------


def test_code_comes_from_stdin(dask_lens):
    answer = dask_lens("check", "-", stdin=WRONG.encode())
    assert answer.out.startswith("-:4:5: DSK101")
    answer = dask_lens("check", "-", "--stdin-filename", "deep/x.py", stdin=WRONG.encode())
    assert answer.out.startswith("deep/x.py:4:5: DSK101")


@pytest.mark.parametrize("arguments", [[], ["--stdin-filename", "x.ipynb"]], ids=str)
def test_a_notebook_comes_from_stdin(dask_lens, arguments):
    answer = dask_lens("check", "-", *arguments, stdin=notebook("x = 1", WRONG).encode())
    assert ":cell 2:4:5: DSK101" in answer.out


def test_code_from_stdin_is_mended_to_stdout(dask_lens):
    answer = dask_lens("check", "-", "--fix", stdin=WRONG.replace("\n", "\r\n").encode())
    assert (answer.status, answer.out) == (0, RIGHT.replace("\n", "\r\n"))
    assert "Applied 1 rewrite." in answer.err


def test_what_cannot_be_read_on_stdin_is_given_back(dask_lens):
    answer = dask_lens("check", "-", "--fix", "--stdin-filename", "x.ipynb", stdin=b"{")
    assert (answer.status, answer.out) == (2, "{")
    assert answer.err.startswith("x.ipynb is not a notebook")


# --- what cannot be read ----------------------------------------------------------------------

BROKEN = {
    "nowhere.py": (None, "cannot be read: No such file"),
    "nowhere.ipynb": (None, "cannot be read: No such file"),
    "half.ipynb": (b'{"cells": [', "no valid JSON"),
    "empty.ipynb": (b"", "no valid JSON"),
    "list.ipynb": (b"[]", "no list of cells"),
    "deep.ipynb": (b"[" * 100_000, "no valid JSON"),
    "latin.ipynb": (b'{"cells": [], "x": "\xe9"}', "not text in UTF-8"),
    "latin.py": (b"x = '\xe9'", "not text in UTF-8"),
    "utf16.py": ("x = 1".encode("utf-16"), "not text in UTF-8"),
    "unknown.py": (b"# coding: klingon\n", "unknown encoding"),
    "syntax.py": (b"def broken(:", "cannot be read as Python: line 1"),
    "null.py": (b"x = '\0'", "cannot be read as Python: source"),
    "r.ipynb": (
        b'{"cells": [], "metadata": {"kernelspec": {"language": "R", "name": "ir"}}}',
        "its language is R, not Python",
    ),
    "notes.txt": (b"x", "neither a .py nor an .ipynb file"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_be_read_is_one_line_and_the_rest_is_checked(dask_lens, tmp_path, name):
    data, words = BROKEN[name]
    (tmp_path / "script.py").write_text(WRONG)
    if data is not None:
        (tmp_path / name).write_bytes(data)
    answer = dask_lens("check", name, "script.py", "--output-format", "json")
    assert answer.status == 2
    [line] = answer.err.splitlines()
    assert name in line
    assert words in line
    assert [f["path"] for f in answer.json] == ["script.py"]


def test_a_pipe_and_a_folder_without_code_are_said(dask_lens, tmp_path):
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "folder").mkdir()
    answer = dask_lens("check", "pipe.py", "folder")
    assert answer.status == 2
    pipe, folder = sorted(answer.err.splitlines(), reverse=True)
    assert pipe == "pipe.py cannot be read: it is no plain file"
    assert folder == "folder has no .ipynb and no .py file to check"


def test_a_cell_that_is_no_python_is_said_and_the_others_are_checked(dask_lens, tmp_path):
    (tmp_path / "book.ipynb").write_text(notebook("print 'two'", WRONG))
    answer = dask_lens("check", "book.ipynb", "--output-format", "json")
    assert answer.status == 2
    assert answer.err.startswith("book.ipynb:cell 1: cannot be read as Python: line 1: ")
    assert [f["cell"] for f in answer.json] == [1]


@pytest.mark.parametrize(
    "arguments",
    [["--select", "no-such-rule"], ["--ignore", "DSK999"], ["--no-such-option"],
     ["--output-format", "xml"]],
    ids=str,
)  # fmt: skip
def test_misuse_is_told_apart_from_findings(dask_lens, arguments):
    answer = dask_lens("check", ".", *arguments)
    assert (answer.status, answer.out) == (2, "")
    assert "Error: " in answer.err


# --- the terminal -----------------------------------------------------------------------------


def test_colours_are_for_terminals(dask_lens, tmp_path, monkeypatch):
    (tmp_path / "script.py").write_text(WRONG)
    assert "\x1b[" not in dask_lens("check").out
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in dask_lens("check").out
    assert "\x1b[" not in dask_lens("check", "--output-format", "github").out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in dask_lens("check").out


def test_what_files_hold_cannot_steer_a_terminal(dask_lens, tmp_path):
    wicked = WRONG.replace("(path).read()", "(path, '\x1b[2J\u202e').read()")
    (tmp_path / "a\x1b[31m.py").write_text(wicked, encoding="utf-8")
    answer = dask_lens("check", "a\x1b[31m.py", "b\x1b[31m.py")
    assert "\x1b" not in answer.out + answer.err
    assert "\u202e" not in answer.out
    assert r"a\x1b[31m.py:4:5" in answer.out


def test_the_marks_stand_below_wide_letters_and_tabs(dask_lens, tmp_path):
    wide = WRONG.replace("    return get", "\tx = '漢字'; return get")
    (tmp_path / "script.py").write_text(wide, encoding="utf-8")
    _, _, line, marks, *_ = dask_lens("check", "script.py").out.splitlines()
    assert line.startswith("4 |     x = '漢字'; return")
    assert marks.index("^") == line.index("return") + 2


def test_a_long_line_is_cut_around_what_was_found(dask_lens, tmp_path):
    long = WRONG.replace("    return", f"    x = '{'-' * 500}'; return").replace(
        ".read())", f".read(), '{'+' * 500}')"
    )
    (tmp_path / "script.py").write_text(long)
    _, _, line, marks, *_ = dask_lens("check", "script.py").out.splitlines()
    assert len(line) < 150
    assert line[marks.index("^") :].startswith("return get_client()")


# --- the doors --------------------------------------------------------------------------------


def test_the_command_is_one_of_dasks_own(tmp_path):
    (tmp_path / "script.py").write_text(WRONG)
    code = "from dask.cli import run_cli; run_cli()"
    done = subprocess.run(
        [sys.executable, "-c", code, "lens", "check", "script.py"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, "")
    assert "script.py:4:5: DSK101" in done.stdout


def test_a_page_is_explained_and_a_typo_is_met_with_the_nearest(dask_lens):
    page = dask_lens("explain", "DSK201")
    assert page.status == 0
    for heading in ("Why it costs:", "When it is fine:", "What to do:", "Don't:", "Do:"):
        assert heading in page.out
    assert page.out == dask_lens("explain", "processes-small-batch").out
    answer = dask_lens("explain", "process-small-batches")
    assert (answer.status, answer.out) == (2, "")
    assert "did you mean processes-small-batch?" in answer.err


def test_the_rules_are_listed(dask_lens):
    assert "DSK201  slow   processes-small-batch " in dask_lens("rules").out

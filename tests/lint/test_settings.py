"""``[tool.dask-lens]`` in ``pyproject.toml``, and which files are looked at."""

from __future__ import annotations

import dask
import pytest
from shelling import BATCH, WRONG

from dask_lens.lint.settings import settings_of


@pytest.fixture
def project(tmp_path):
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "both.py").write_text(BATCH + WRONG)

    def configure(text: str) -> None:
        settings_of.cache_clear()
        (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")

    yield configure
    settings_of.cache_clear()


def codes(answer):
    return [found["code"] for found in answer.json]


def check(dask_lens, *arguments):
    return dask_lens("check", ".", "--output-format", "json", *arguments)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["DSK201", "DSK101"]),
        ("[tool.dask-lens]", ["DSK201", "DSK101"]),
        ('[tool.dask-lens]\nselect = ["DSK1"]', ["DSK101"]),
        ('[tool.dask-lens]\nignore = ["DSK1"]', ["DSK201"]),
        ('[tool.dask-lens]\nexclude = ["deep/er"]', []),
        ('[tool.dask-lens]\nexclude = ["*oth.py"]', []),
        ('[tool.dask-lens]\nexclude = ["er/both.py"]', ["DSK201", "DSK101"]),
        ('[tool.dask-lens.per-file-ignores]\n"deep/**" = ["DSK201"]', ["DSK101"]),
        ('[tool.dask-lens.per-file-ignores]\n"b*.py" = ["ALL"]', []),
        ("[tool.dask-lens.rules.processes-small-batch]\nenabled = false", ["DSK101"]),
        ("[tool.dask-lens.rules.DSK201]\nmost-used = 0.01", ["DSK101"]),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_project_says_what_to_look_for(dask_lens, project, text, expected):
    project(text)
    assert codes(check(dask_lens)) == expected


def test_the_nearest_project_that_has_settings_counts(dask_lens, project, tmp_path):
    project('[tool.dask-lens]\nignore = ["DSK1"]')
    (tmp_path / "deep" / "pyproject.toml").write_text("[tool.other]")
    assert codes(check(dask_lens)) == ["DSK201"]
    settings_of.cache_clear()
    (tmp_path / "deep" / "pyproject.toml").write_text('[tool.dask-lens]\nselect = ["DSK1"]')
    assert codes(check(dask_lens)) == ["DSK101"]


def test_the_command_line_wins(dask_lens, project):
    project('[tool.dask-lens]\nselect = ["DSK1"]\nignore = ["DSK101"]')
    assert codes(check(dask_lens)) == []
    assert codes(check(dask_lens, "--select", "ALL")) == ["DSK201", "DSK101"]
    assert codes(check(dask_lens, "--select", "DSK101")) == ["DSK101"]
    assert codes(check(dask_lens, "--select", "ALL", "--ignore", "DSK1")) == ["DSK201"]


def test_what_is_set_in_dask_counts_unless_the_project_says_more(dask_lens, project):
    off = {"dask-lens.rules.processes-small-batch.enabled": False}
    project("")
    with dask.config.set(off):
        assert codes(check(dask_lens)) == ["DSK101"]
        project("[tool.dask-lens.rules.processes-small-batch]\nenabled = true")
        assert codes(check(dask_lens)) == ["DSK201", "DSK101"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[tool.dask-lens", "cannot be read"),
        ("[tool]\ndask-lens = 3", "tool.dask-lens must be a table"),
        ("[tool.dask-lens]\nselct = []", "tool.dask-lens.selct: unknown; one of select"),
        ('[tool.dask-lens]\nselect = "DSK1"', "'DSK1' is no list of texts"),
        ("[tool.dask-lens]\nignore = [3]", "[3] is no list of texts"),
        ('[tool.dask-lens]\nignore = ["DSK9"]', "there is no rule 'DSK9'"),
        ('[tool.dask-lens]\nper-file-ignores = ["DSK1"]', "is no table"),
        ('[tool.dask-lens.per-file-ignores]\n"a" = ["x"]', "there is no rule 'x'"),
        ("[tool.dask-lens.rules.process-small-batch]", "did you mean processes-small-batch?"),
        ("[tool.dask-lens.rules.DSK201]\nleast = 1", "least: unknown; one of enabled, least-lost"),
        ('[tool.dask-lens.rules.DSK201]\nleast-lost = "1"', "'1' is no number"),
        ("[tool.dask-lens.rules.DSK201]\nleast-lost = true", "True is no number"),
        ("[tool.dask-lens.rules.DSK201]\nenabled = 1", "1 is no boolean"),
    ],
    ids=lambda value: value.rpartition("\n")[2],
)
def test_a_setting_that_makes_no_sense_is_one_clear_line(dask_lens, project, text, words):
    project(text)
    answer = check(dask_lens)
    assert (answer.status, answer.out) == (2, "")
    error = answer.err.splitlines()[-1]
    assert error.startswith("Error: ")
    assert "pyproject.toml" in error
    assert words in error


# --- files ------------------------------------------------------------------------------------


def test_folders_of_other_people_and_copies_are_passed_over(dask_lens, tmp_path):
    for folder in (
        ".ipynb_checkpoints", ".venv/lib", "venv", "node_modules/x", "__pycache__", ".git",
        "env/lib",
    ):  # fmt: skip
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "script.py").write_text(WRONG)
    (tmp_path / "env" / "pyvenv.cfg").write_text("")
    (tmp_path / ".hidden.py").write_text(WRONG)
    (tmp_path / "notes.md").write_text(WRONG)
    (tmp_path / "mine.py").write_text("x = 1")
    assert dask_lens("check", ".").out == "Nothing found, 1 file checked.\n"


def test_a_file_that_is_named_is_checked_and_each_one_once(dask_lens, project, tmp_path):
    project('[tool.dask-lens]\nexclude = ["deep"]')
    path = tmp_path / "deep" / "er" / "both.py"
    assert len(check(dask_lens, path, path, path.parent / ".." / "er" / "both.py").json) == 2


def test_a_folder_that_links_to_itself_ends(dask_lens, tmp_path):
    (tmp_path / "script.py").write_text(WRONG)
    (tmp_path / "loop").symlink_to(tmp_path)
    assert len(check(dask_lens).json) == 1

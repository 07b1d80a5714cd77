"""A cell that runs apart from the user's names."""

from __future__ import annotations

import pytest

from dask_lens.compare.workload import Workload, WorkloadError, is_notebook, split


def test_names_stay_as_they_are():
    names = {"x": 1, "y": [1]}
    outcome = Workload("x = x + 1\nz = x\nx * 10").run(names)
    assert names == {"x": 1, "y": [1]}
    assert outcome.names == {"": 20, "x": 2, "z": 2}


def test_a_function_runs_as_it_is():
    assert Workload(lambda: 3).run({}).names == {"": 3}


@pytest.mark.parametrize(
    ("code", "told"),
    [("x = (", "line 1"), ("x = await y", "a synchronous"), ("return 1", "line 1")],
)
def test_code_that_cannot_run_is_told_with_its_line(code, told):
    with pytest.raises(WorkloadError, match=told):
        Workload(code)


def test_a_cell_without_marks_is_one_version():
    assert split("x = 1") == {None: "x = 1"}


def test_marks_divide_a_cell_and_lines_keep_their_numbers():
    versions = split("a = 1\n# %% old\nb = 2\n# %% new\nc = 1/0\n")
    assert list(versions) == ["old", "new"]
    assert "b = 2" not in versions["new"]
    assert versions["new"].splitlines().index("c = 1/0") == 4
    assert Workload(versions["old"]).run({}).names == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    "script", ["x = 1", "x = 1\n# %% old\ny = 1\n# %% new\ny = 2", "# jupyter is fine"]
)
def test_marks_that_name_versions_make_no_notebook(script):
    assert not is_notebook(script)


@pytest.mark.parametrize(
    "script",
    [
        "# ---\n# jupyter:\n#   jupytext:\n# ---\n# %% a\nx = 1\n# %% b\nx",
        "# %%\nx = 1\n# %% b\nx",
        "# %% [markdown]\n# Text\n# %% a\nx = 1",
        '# %% name tags=["parameters"]\nx = 1',
    ],
)
def test_the_percent_format_of_notebooks_is_known(script):
    assert is_notebook(script)


@pytest.mark.parametrize("cell", ["# %% a\nx\n# %% a\ny", "# %% a\n\n# %% b\ny"])
def test_versions_need_names_and_code(cell):
    with pytest.raises(WorkloadError):
        split(cell)


@pytest.mark.parametrize(
    "code", ["await x", "y = 1\nasync with z:\n    pass", "[await a for a in b]"]
)
def test_code_that_awaits_at_its_top_level_says_what_to_do(code):
    with pytest.raises(WorkloadError, match="take a synchronous client"):
        Workload(code)

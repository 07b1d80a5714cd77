"""``dask lens compare``: a script in, a table and an exit status out."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import click
import pytest

from dask_lens.compare_command import compare_script

NAPS = """\
import dask, sys, time
print("from the script")
naps = [dask.delayed(time.sleep)(0.15) for _ in range(3)]
x = dask.compute(*naps)
"""


@pytest.fixture
def shell(tmp_path):
    def run(*words, script=NAPS):
        (tmp_path / "script.py").write_text(script)
        command = [sys.executable, "-m", "dask", "lens", "compare", *words]
        environment = {**os.environ, "COVERAGE_PROCESS_START": ""}
        how = {"cwd": tmp_path, "env": environment, "timeout": 120}
        return subprocess.run(command, capture_output=True, text=True, check=False, **how)

    return run


def test_a_script_is_compared_and_only_the_table_is_output(shell):
    answer = shell("script.py", "sync", "-r", "5", "threads, workers=3")
    assert answer.returncode == 0
    assert answer.stdout.startswith("variant ")
    assert "Take threads, workers=3" in answer.stdout
    assert "from the script" in answer.stderr
    assert "Comparing" not in answer.stderr


def test_json_is_the_result_whole_and_versions_are_divided_by_marks(shell):
    head, compute = NAPS.rsplit("x =", 1)
    script = (
        f"{head}# %% apart\nx = [dask.compute(nap) for nap in naps]\n# %% at once\nx ={compute}"
    )
    answer = shell("script.py", "-r", "2", "--output-format", "json", script=script)
    result = json.loads(answer.stdout)
    assert [variant["name"] for variant in result["variants"]] == ["apart", "at once"]
    assert result["baseline"] == "apart"


PERCENT = """\
# %% [markdown]
# Naps

# %%
import dask, time

# %% Run them
x = dask.compute(*[dask.delayed(time.sleep)(0.01) for _ in range(3)])
"""


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (PERCENT, ()),
        (PERCENT.replace("[markdown]", "Naps").replace("# %%\n", "# %% a\n"), ("--whole",)),
    ],
    ids=["by itself", "when told"],
)
def test_a_notebook_in_the_percent_format_is_one_piece(shell, script, words):
    answer = shell("script.py", "sync", "threads", "-r", "2", *words, script=script)
    assert answer.returncode == 0
    assert [line.split(" ")[0] for line in answer.stdout.splitlines()[1:3]] == ["sync", "threads"]


def test_a_script_that_writes_is_not_run_without_yes(shell, tmp_path):
    script = "open('out', 'a').write('x')\n"
    answer = shell("script.py", "-r", "1", "as-written", script=script)
    assert answer.returncode == 2
    assert "line 1 writes a file" in answer.stderr
    assert not (tmp_path / "out").exists()
    assert shell("script.py", "as-written", "-r", "1", "--yes", script=script).returncode == 0
    assert (tmp_path / "out").read_text() == "xx"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "required: script"),
        (("nowhere.py",), "nowhere.py"),
        (("script.py", "gpu"), "there is no scheduler 'gpu'"),
        (("script.py", "-k"), "unrecognized arguments: -k"),
    ],
)
def test_misuse_exits_with_2_and_says_why(shell, words, told):
    answer = shell(*words)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert told in answer.stderr


def test_a_script_that_fails_everywhere_exits_with_1(shell):
    answer = shell("script.py", "as-written", "threads", "-r", "1", script="1 / 0")
    assert answer.returncode == 1
    assert "ZeroDivisionError" in answer.stdout


HANGS = """\
import dask, threading
lock = threading.Lock()
lock.acquire()
dask.compute(dask.delayed(lock.acquire)())
"""


def test_a_script_that_hangs_on_threads_ends_with_the_table(shell):
    answer = shell("script.py", "threads", "-r", "1", "--max-time", "2", script=HANGS)
    assert answer.returncode == 1
    assert "the time set was over" in answer.stdout


def test_help_teaches_it(shell):
    answer = shell("--help")
    assert answer.returncode == 0
    assert "dask lens compare a.py distributed --workers 1,2,4,8" in answer.stdout
    assert "%%lens" not in answer.stdout


def test_a_script_that_is_not_there_is_said_in_one_plain_line(tmp_path):
    with pytest.raises(click.UsageError, match=r"nowhere\.py cannot be read: No such file"):
        compare_script([str(tmp_path / "nowhere.py")])

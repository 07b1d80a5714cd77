"""Cells of a real IPython shell, magics and all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from IPython.core.interactiveshell import InteractiveShell

from dask_lens.observe.notebook import NotebookCells
from dask_lens.observe.observer import Observer
from dask_lens.record.run import Run

SETUP = """
import dask
from dask import delayed

def work(x):
    return delayed(abs)(x).compute(scheduler="sync")
"""


class Shell:
    def __init__(self) -> None:
        self.shell = InteractiveShell.instance()
        self.runs: list[Run] = []
        self.observer = Observer(self.runs.append)
        self.cells = NotebookCells(self.observer, self.shell, self.runs.append, lambda: None)

    def cell(self, source: str) -> Run:
        self.shell.run_cell(source, store_history=True)
        return self.runs[-1]

    def lines(self, source: str) -> list[int | None]:
        return [c.place.line if c.place else None for c in self.cell(source).computations]


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str]) -> Iterator[Shell]:
    shell = Shell()
    shell.observer.start()
    shell.cells.start()
    shell.cell(SETUP)
    yield shell
    shell.cells.stop()
    shell.observer.stop()
    capsys.readouterr()


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("x = 1", []),
        ("work", []),
        ("a = 1\ndask.compute(delayed(abs)(1), scheduler='sync')", [2]),
        ("\n\n\ndask.compute(delayed(abs)(1), scheduler='sync')", [4]),
        ("%time dask.compute(delayed(abs)(1), scheduler='sync')", [1]),
        ("%%time\na = 1\nb = dask.compute(delayed(abs)(1), scheduler='sync')", [3]),
        ("\n%%time\n\ndask.compute(delayed(abs)(1), scheduler='sync')", [4]),
        ("%%timeit -n1 -r1\ndask.compute(delayed(abs)(1), scheduler='sync')", [2]),
        ("%%prun -q\n\na = 1\ndask.compute(delayed(abs)(1), scheduler='sync')", [4]),
        ("%%capture\n\nexec(\"dask.compute(delayed(abs)(1), scheduler='sync')\")", [3]),
        ("!echo a \\\n  b\na = 1\ndask.compute(delayed(abs)(2), scheduler='sync')", [4]),
        ("dask.compute(\n    delayed(abs)(1),\n    scheduler='sync',\n)", [1]),
    ],
)
def test_lines_are_those_that_the_user_wrote(shell: Shell, source: str, lines: list[int]) -> None:
    assert shell.lines(source) == lines


def test_a_function_of_an_earlier_cell_has_that_cells_line(shell: Shell) -> None:
    run = shell.cell("work(1)")
    (computation,) = run.computations
    assert computation.place is not None
    assert run.cells[computation.place.cell].source == SETUP
    assert computation.place.line == 6


def test_a_part_that_a_magic_runs_as_a_cell_is_part_of_the_cell(shell: Shell) -> None:
    body = "a = 1\ndask.compute(delayed(abs)(1), scheduler='sync')\n"

    def magic(_line: str, cell: str) -> None:
        shell.shell.run_cell(cell)

    shell.shell.register_magic_function(magic, "cell", "watched")
    before = len(shell.runs)
    run = shell.cell(f"%%watched\n{body}")
    assert len(shell.runs) == before + 1
    assert run.cell is not None
    assert run.cell.source == f"%%watched\n{body}"
    (computation,) = run.computations
    assert computation.place is not None
    assert (computation.place.cell, computation.place.line) == (run.observed, 3)


def test_a_cell_that_runs_again_takes_the_place_of_the_first(shell: Shell) -> None:
    first = shell.cell("work(1)  # again")
    again = shell.cell("work(1)  # again")
    assert first.cell is not None
    assert again.cell is not None
    assert len(again.computations) == 1
    assert again.cell.execution_count == (first.cell.execution_count or 0) + 1


def test_errors_are_named(shell: Shell) -> None:
    assert shell.cell("1 / 0").error == "ZeroDivisionError"
    assert shell.cell("1 +").error == "SyntaxError"
    assert shell.cell("import json; json.loads('')").error == "json.decoder.JSONDecodeError"
    assert shell.cell("x = 1").error is None


def test_cells_run_in_silence_are_not_observed(shell: Shell) -> None:
    before = len(shell.runs)
    shell.shell.run_cell("x = 1", silent=True)
    shell.shell.run_cell("")
    assert len(shell.runs) == before


def test_the_cell_that_turns_observing_on_or_off_is_left_out() -> None:
    shell = Shell()
    shell.shell.user_ns["shell"] = shell
    try:
        shell.shell.run_cell("shell.observer.start(); shell.cells.start()")
        assert shell.runs == []
        shell.cell("x = 1")
        shell.shell.run_cell("shell.cells.stop()")
        assert len(shell.runs) == 1
        shell.shell.run_cell("x = 2")
        assert len(shell.runs) == 1
    finally:
        shell.observer.stop()
        shell.shell.user_ns.pop("shell")

"""Where tasks were made that nobody saw being made: the only call in the text, or nothing."""

from __future__ import annotations

import time
from pathlib import Path

import dask
import pytest

import dask_lens
from dask_lens.record.cell import Cell
from dask_lens.source.program import read
from dask_lens.source.sole_calls import sole_calls

DECORATED = "@dask.delayed\ndef load(n):\n    return n\n"
PLAIN = "def load(n):\n    return n\n"


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(DECORATED, id="no call"),
        pytest.param(DECORATED + "load(1)\nload(2)\n", id="two calls"),
        pytest.param(DECORATED + "make = load\nmake(1)\n", id="another name"),
        pytest.param(DECORATED + "list(map(load, [1]))\n", id="handed on"),
        pytest.param(DECORATED + "load = other\nload(1)\n", id="bound to something else"),
        pytest.param(DECORATED + DECORATED + "load(1)\n", id="defined twice"),
        pytest.param(PLAIN + "load(1)\n", id="a plain call, which makes no task"),
        pytest.param(PLAIN + "lazy = delayed(load)\nlazy(1)\n", id="made lazy elsewhere"),
        pytest.param("load(1)\n", id="defined nowhere"),
        pytest.param("def load(:\n", id="no Python"),
    ],
)
def test_where_the_text_does_not_tell_nothing_is_said(code: str) -> None:
    assert sole_calls(read((Cell(code),))) == {}


@pytest.mark.parametrize(
    ("code", "line"),
    [
        pytest.param(DECORATED + "x = load(1)\n", 4, id="decorated"),
        pytest.param(PLAIN + "x = delayed(load)(1)\n", 3, id="made lazy where it is called"),
        pytest.param(PLAIN + "x = [dask.delayed(load)(i)\n  for i in y]\n", 3, id="in a loop"),
    ],
)
def test_the_only_call_is_found(code: str, line: int) -> None:
    (name, place), *others = sole_calls(read((Cell("import dask\n"), Cell(code)))).items()
    assert (name, place.cell, place.line, others) == ("load", 1, line, [])


@dask.delayed
def wait(seconds):
    time.sleep(seconds)
    return seconds


def test_a_step_that_was_built_before_the_block_has_the_line_of_its_only_call() -> None:
    built = wait(0.01)
    with dask_lens.observe() as seen:
        built.compute(scheduler="sync")
    assert seen.report is not None
    (step,) = seen.report.computations[0].critical_path
    lines = Path(__file__).read_text(encoding="utf-8").splitlines()
    assert lines[(step.line or 0) - 1].strip() == "built = wait(0.01)"

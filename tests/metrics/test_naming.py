"""Layers and places as their reader calls them."""

from __future__ import annotations

import pytest
from timelines import task

from dask_lens.metrics.naming import duration, layer_name, lines, tasks_of
from dask_lens.record.cell import Cell, Place


@pytest.mark.parametrize(
    ("prefix", "name"),
    [
        ("load", "load"),
        ("load_data", "load_data"),
        ("read-csv", "read-csv"),
        ("readparquetfsspec", "read-parquet"),
        ("sum-aggregate", "sum-aggregate"),
        ("sum-aggregate-finalize-hlgfinalizecompute", "sum-aggregate"),
        ("finalize-hlgfinalizecompute", "finalize"),
        ("_", "_"),
        ("-tree", "-tree"),
        ("sum-tree", "sum-aggregate"),
        ("read_parquet-fused", "read-parquet"),
        ("x" * 100, "x" * 40 + "…"),
    ],
)
def test_a_layer_is_named_as_its_reader_would(prefix, name):
    assert layer_name(prefix) == name


def test_what_is_known_better_of_a_graph_comes_first():
    assert layer_name("sum-tree", {"sum-tree": "groupby-sum"}) == "groupby-sum"


def test_nothing_is_said_of_lines_that_are_not_known():
    assert lines([None]) == ""
    assert tasks_of([task("nap", 0, 1)], {}) == "your nap task"


def test_lines_of_other_cells_name_the_cell():
    cells = (Cell("a", execution_count=7), Cell("b", execution_count=8))
    places = [Place(1, 2), Place(0, 3), Place(1, 5), None, Place(1, 2)]
    assert lines(places, cells) == "line 3 of In [7], lines 2 and 5"
    assert lines([Place(1, line) for line in range(1, 6)], cells) == "lines 1 to 5"


def test_tasks_are_named_and_counted():
    naps = [task("nap", 0, 1), task("nap", 0, 1)]
    other = [task("add", 0, 1)]
    assert tasks_of(naps, {"nap": Place(0, 4)}) == "your 2 nap tasks (line 4)"
    assert tasks_of([*naps, *other], {}) == "your nap and add tasks"
    placed = {"nap": Place(0, 9), "add": Place(0, 5)}
    assert tasks_of([*naps, *other], placed) == "your add and nap tasks (lines 5 and 9)"
    many = [task(name, 0, 1) for name in "abcdef"]
    assert tasks_of(many, {}) == "your 6 tasks"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(3.94, "3.9 s"), (0.1, "0.1 s"), (0.028, "28 ms"), (0.0004, "0.4 ms"), (0.0, "0.0 ms")],
)
def test_a_duration_never_reads_as_no_time_when_it_is_some(seconds: float, words: str) -> None:
    assert duration(seconds) == words

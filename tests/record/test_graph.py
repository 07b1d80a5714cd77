"""What a graph tells of its tasks."""

from __future__ import annotations

import pytest

from dask_lens.record.graph import Graph


@pytest.mark.parametrize(
    ("dependencies", "sinks"),
    [
        pytest.param((), (), id="an empty graph"),
        pytest.param(((), ()), (0, 1), id="tasks that have nothing to do with each other"),
        pytest.param(((), (0,), (1,)), (2,), id="a chain"),
        pytest.param(((), (0, 0), (0,)), (1, 2), id="two results of one task"),
        pytest.param(((1,), ()), (0,), id="tasks in another order"),
    ],
)
def test_what_was_asked_for_is_what_no_task_waits_for(
    dependencies: tuple[tuple[int, ...], ...], sinks: tuple[int, ...]
) -> None:
    keys = tuple(f"task-{i}" for i in range(len(dependencies)))
    assert Graph(keys, dependencies).sinks() == sinks

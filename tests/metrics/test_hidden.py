"""Tasks that wait behind a task they do not need."""

from __future__ import annotations

from dataclasses import replace

import pytest
from timelines import computation, task

from dask_lens.metrics.hidden import MOST, hidden_waits


def waits(*tasks, **rest):
    return [
        (wait.task.key, wait.behind.key, pytest.approx(wait.seconds))
        for wait in hidden_waits(computation(*tasks, **rest))
    ]


def test_a_task_that_waits_for_what_it_needs_hides_nothing():
    assert waits(task("a", 0, 1), task("b", 1, 2), stop=2, threads=2, edges=[("a", "b")]) == []


def test_a_task_that_waits_while_every_thread_is_busy_hides_nothing():
    assert (
        waits(task("a", 0, 1), task("b", 0, 1, thread=1), task("c", 1, 2), stop=2, threads=2) == []
    )


def test_a_task_that_waits_for_a_moment_hides_nothing():
    assert waits(task("a", 0, 0.01), task("b", 0.01, 2), stop=2, threads=2) == []


def test_a_task_that_could_only_start_late_in_a_thread_of_its_own_hides_nothing():
    assert waits(task("a", 0, 1), task("b", 1, 2, thread=1), stop=2, threads=2) == []


def test_a_graph_that_is_not_known_hides_nothing():
    run = computation(task("a", 0, 1), task("b", 1, 2), stop=2, threads=2)
    assert hidden_waits(run)
    assert hidden_waits(replace(run, graph=None)) == ()


def test_a_task_behind_another_in_one_batch():
    assert waits(task("a", 0, 1), task("b", 1, 2), stop=2, threads=2) == [("b", "a", 1)]


def test_the_longest_waits_come_first_and_not_all_are_told():
    tasks = [task(str(i), i, i + 1) for i in range(MOST + 9)]
    found = hidden_waits(computation(*tasks, stop=MOST + 9, threads=2))
    assert len(found) == MOST
    assert found[0].task.key == str(MOST + 8)

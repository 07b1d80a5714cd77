"""How many tasks ran at each moment, and how many more could have."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from timelines import computation, task

from dask_lens.metrics.width import POINTS, width


def test_nothing_that_ran_has_no_width():
    assert width(computation(stop=1, threads=1)) is None


def test_a_graph_that_is_not_known_has_no_width():
    run = computation(task("a", 0, 1), stop=1, threads=1)
    assert width(run) is not None
    assert width(replace(run, graph=None)) is None


def test_two_tasks_of_which_one_had_to_wait_for_the_thread():
    found = width(computation(task("a", 0, 1), task("b", 1, 2), stop=2, threads=1))
    half = POINTS // 2
    assert found.step == pytest.approx(2 / POINTS)
    assert found.running == pytest.approx((1,) * POINTS, abs=0.01)
    assert found.ready == pytest.approx((1,) * half + (0,) * half, abs=0.01)
    assert found.most == 2


def test_a_task_that_waits_for_another_is_not_ready():
    run = computation(task("a", 0, 1), task("b", 1, 2), stop=2, threads=1, edges=[("a", "b")])
    assert max(width(run).ready) == 0
    assert width(run).most == 1


@given(st.lists(st.tuples(st.floats(0, 9), st.floats(0, 1)), min_size=1, max_size=20))
def test_the_width_adds_up_to_the_work(drawn):
    tasks = [task(str(i), start, start + long) for i, (start, long) in enumerate(drawn)]
    found = width(computation(*tasks, stop=10, threads=4))
    assert sum(found.running) * found.step == pytest.approx(
        sum(t.duration for t in tasks), abs=0.02 * len(tasks)
    )
    waited = sum(start for start, _ in drawn)
    assert sum(found.ready) * found.step == pytest.approx(waited, abs=0.02 * len(tasks))

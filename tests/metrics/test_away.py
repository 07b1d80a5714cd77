"""A task that waits for those it submitted, out of their way, is not in a thread."""

from __future__ import annotations

from dataclasses import replace

import pytest
from timelines import EPOCH, computation, task

from dask_lens.metrics.away import away, seconds_away
from dask_lens.metrics.losses import budget
from dask_lens.metrics.parallelism import parallelism

OUTER = computation(task("outer", 0, 4, cpu=0.0), stop=4, threads=2, scheduler="distributed")
INNER = computation(
    task("a", 1, 2, cpu=0.0), task("b", 1, 3, thread=1, cpu=0.0),
    start=1, stop=3, threads=2, scheduler="distributed", nested=True,
)  # fmt: skip


def test_a_task_that_keeps_its_thread_is_not_away():
    assert away([OUTER, INNER]) == {}
    assert seconds_away([OUTER, INNER]) == 0


def test_a_task_is_away_while_what_it_submitted_runs():
    inner = replace(INNER, away="outer")
    assert away([OUTER, inner]) == {"outer": [(EPOCH + 1, EPOCH + 3)]}
    spent = budget([OUTER, inner])
    assert spent.waiting == pytest.approx(5)
    assert spent.total == pytest.approx(8)
    assert parallelism([OUTER, inner]).achieved == pytest.approx(5 / 4)
    assert parallelism([OUTER, inner]).ceiling == pytest.approx(5 / 4)


def test_a_task_is_in_its_thread_until_what_it_submitted_begins_and_after_that_has_ended():
    late = replace(INNER, away="outer", start=EPOCH + 0.5, stop=EPOCH + 3.5)
    assert seconds_away([OUTER, late]) == pytest.approx(2)
    assert budget([OUTER, late]).client == pytest.approx(0)
    unknown = replace(late, n_tasks=5)
    assert seconds_away([OUTER, unknown]) == pytest.approx(3)


def test_a_task_that_left_its_thread_by_itself_does_not_count_twice():
    gone, other = task("gone", 0, 4, cpu=0.0), task("other", 1, 3, cpu=0.0)
    run = computation(gone, other, stop=4, threads=1, scheduler="distributed")
    spent = budget([run])
    assert spent.waiting == pytest.approx(4)
    assert parallelism([run], spent).achieved == pytest.approx(1.0)


def test_times_away_that_overlap_count_once():
    one = replace(INNER, away="outer")
    two = replace(one, start=EPOCH + 2, stop=EPOCH + 4, tasks=(task("c", 2, 3.5),), n_tasks=1)
    assert seconds_away([two, one]) == pytest.approx(2.5)


def test_asking_is_part_of_the_time_and_the_clients():
    run = computation(task("a", 1, 2), start=1, stop=2, threads=2)
    asked = replace(run, asked=EPOCH)
    assert parallelism([asked]).achieved == pytest.approx(0.5)
    assert budget([asked]).client == pytest.approx(2)
    assert budget([run]).client == pytest.approx(0)

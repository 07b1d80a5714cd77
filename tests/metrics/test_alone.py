from __future__ import annotations

from dataclasses import replace

import pytest
from drawn import spins
from timelines import computation, task

from dask_lens.metrics.alone import alone
from dask_lens.metrics.calibration import setup_of


def read(*tasks, threads, scheduler="threads", cores=4, edges=(), **rest):
    stop = max(t.stop for t in tasks) - min(t.start for t in tasks)
    ran = computation(
        *tasks,
        stop=stop,
        threads=threads,
        scheduler=scheduler,
        cores=cores,
        edges=edges,
        **rest,
    )
    return alone(ran, setup_of(ran))


def test_sleeping_tasks_sleep_as_long_anywhere() -> None:
    made = read(*(task(f"nap-{i}", 0, 2, thread=i, cpu=0.001) for i in range(4)), threads=4)
    assert made.off == pytest.approx([2, 2, 2, 2], abs=0.01)
    assert made.seen


def test_two_that_hold_the_gil_take_half_as_long_alone() -> None:
    made = read(task("a", 0, 2, cpu=1.0), task("b", 0, 2, thread=1, cpu=1.0), threads=2)
    assert made.held == 1.0
    assert made.off == pytest.approx([0, 0])
    assert made.cpu == [1.0, 1.0]
    assert made.seen


def test_two_that_release_the_gil_compute_at_the_same_time() -> None:
    made = read(task("a", 0, 2, cpu=1.95), task("b", 0, 2, thread=1, cpu=1.95), threads=2)
    assert made.held == pytest.approx(0.05, abs=0.01)
    assert sum(made.cpu) == pytest.approx(3.9)


def test_two_on_one_processor_wait_for_it_and_not_for_something_else() -> None:
    tasks = task("a", 0, 2, cpu=1.0, worker="1"), task("b", 0, 2, cpu=1.0, worker="2")
    made = read(*tasks, threads=2, scheduler="processes", cores=1)
    assert made.off == pytest.approx([0, 0])


def test_processes_with_a_processor_each_wait_for_something_else() -> None:
    tasks = task("a", 0, 2, cpu=1.0, worker="1"), task("b", 0, 2, cpu=1.0, worker="2")
    made = read(*tasks, threads=2, scheduler="processes", cores=2)
    assert made.off == pytest.approx([1, 1])


def test_what_sleeps_beside_what_computes_does_not_wait_for_the_gil() -> None:
    made = read(task("spin", 0, 2, cpu=2.0), task("nap", 0, 2, thread=1, cpu=0.0), threads=2)
    assert made.off == pytest.approx([0, 2])
    assert made.cpu == pytest.approx([2, 0])


def test_one_after_another_it_is_not_seen_who_holds_the_gil() -> None:
    made = read(task("a", 0, 1, cpu=1.0), task("b", 1, 2, cpu=1.0), threads=1, scheduler="sync")
    assert not made.seen
    assert made.timed


def test_workers_have_an_interpreter_each() -> None:
    tasks = [task(f"spin-{i}", 0, 2, thread=i, cpu=1.9, worker=f"w{i}") for i in range(2)]
    made = read(*tasks, threads=2, scheduler="distributed")
    assert made.off == pytest.approx([0.1, 0.1], abs=0.01)


def test_without_cpu_time_all_of_a_task_counts_as_such_and_it_is_said() -> None:
    made = read(task("a", 0, 1), task("b", 0, 1, thread=1), threads=2)
    assert made.cpu == [1.0, 1.0]
    assert not made.timed


@pytest.mark.parametrize(
    ("looks", "held", "share"),
    [
        pytest.param(4, 0, 1.0, id="too few looks"),
        pytest.param(10, 9, 1.0, id="held nearly always"),
        pytest.param(10, 1, 0.1, id="free nearly always, on a busy machine"),
    ],
)
def test_looks_at_the_lock_tell_where_the_pace_does_not(looks, held, share):
    ran = replace(spins(4, 4), looks=looks, held=held)
    made = alone(ran, setup_of(ran))
    assert (made.held, made.seen) == (share, True)


def test_looks_tell_nothing_of_tasks_that_hardly_ever_computed_together():
    one_by_one = [task(f"t-{i}", i, i + 1, thread=i % 2, cpu=1.0) for i in range(4)]
    ran = computation(*one_by_one, stop=4, threads=2, cores=2, scheduler="threads")
    made = alone(ran, setup_of(ran))
    looked = replace(ran, looks=10, held=1)
    assert alone(looked, setup_of(looked)) == made
    assert (made.held, made.seen) == (1.0, False)

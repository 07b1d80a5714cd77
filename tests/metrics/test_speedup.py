from __future__ import annotations

from dataclasses import replace

import pytest
from timelines import EPOCH, computation, task

from dask_lens.metrics.speedup import Speedup, speedup
from dask_lens.record.run import NotJudged


def curve(*tasks, threads=1, scheduler="threads", cores=64, edges=(), **rest):
    stop = max(t.stop for t in tasks) - EPOCH
    ran = computation(
        *tasks,
        stop=stop,
        threads=threads,
        scheduler=scheduler,
        cores=cores,
        edges=edges,
        **rest,
    )
    made = speedup(ran)
    assert isinstance(made, Speedup)
    return made


def in_a_row(count, cpu=0.0):
    return [task(f"t-{i}", i, i + 1, cpu=cpu) for i in range(count)]


def test_independent_sleeps_speed_up_until_each_has_a_worker() -> None:
    made = curve(*in_a_row(16))
    by_workers = {point.workers: point.speedup for point in made.points}
    assert by_workers[1] == 1.0
    assert by_workers[4] == pytest.approx(4.0, rel=0.05)
    assert by_workers[64] == pytest.approx(16.0, rel=0.05)
    assert made.flat_from == 16
    assert made.limit == "span"
    assert "longest task" in made.text


def test_a_chain_is_flat_from_the_start() -> None:
    made = curve(*in_a_row(4), edges=[("t-0", "t-1"), ("t-1", "t-2"), ("t-2", "t-3")])
    assert made.flat_from == 1
    assert made.limit == "span"
    assert made.text.startswith("More than 1 worker brings little")


def test_python_on_threads_is_flat_because_of_the_gil() -> None:
    made = curve(
        *[task(f"t-{i}", 0, 16, thread=i, cpu=1.0) for i in range(16)], threads=16, cores=32
    )
    assert made.flat_from == 1
    assert made.limit == "gil"


def test_computing_processes_are_flat_where_processors_end() -> None:
    tasks = [replace(one, worker="1") for one in in_a_row(16, cpu=1.0)]
    made = curve(*tasks, scheduler="processes", cores=4, chunksize=1)
    assert made.flat_from == 4
    assert made.limit == "cores"
    assert "4 processors" in made.text


def test_tiny_tasks_are_flat_because_of_the_scheduler() -> None:
    tasks = [task(f"t-{i}", i * 0.0006, i * 0.0006 + 0.0001, cpu=0.0) for i in range(400)]
    assert curve(*tasks).limit == "overhead"


def test_computations_with_python_between_them_are_flat_because_of_that() -> None:
    loop = [
        computation(
            task(f"a-{i}", 5 * i, 5 * i + 1, cpu=0.0), start=5 * i, stop=5 * i + 1, threads=1
        )
        for i in range(3)
    ]
    made = speedup(loop)
    assert isinstance(made, Speedup)
    assert made.limit == "client"


def test_no_curve_where_nothing_can_be_replayed() -> None:
    assert isinstance(speedup([]), NotJudged)

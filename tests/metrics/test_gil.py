"""What the interpreter's lock cost, against computations of known truth."""

from __future__ import annotations

import pytest
from timelines import computation, task

from dask_lens.metrics.gil import contest
from dask_lens.record.cluster import Worker


def side_by_side(cpu: float, *, threads: int = 4, scheduler: str = "threads", **rest: object):
    """Return a computation of a task of four seconds on each thread, with such CPU time."""
    tasks = [task(f"t{n}", 0, 4, thread=n, cpu=cpu) for n in range(threads)]
    return computation(
        *tasks, stop=4, threads=threads, scheduler=scheduler, **{"cores": 4, **rest}
    )


def test_four_loops_of_a_second_take_turns_for_four() -> None:
    found = contest(side_by_side(1.0))
    assert found is not None
    assert found.at_once == pytest.approx(1.0)
    assert found.wanted == pytest.approx(4.0)
    assert found.cpu == pytest.approx(4.0)
    assert found.saved == pytest.approx(3.0)
    assert found.one_at_a_time


def test_two_processors_save_half_of_it() -> None:
    found = contest(side_by_side(1.0, cores=2))
    assert found is not None
    assert found.saved == pytest.approx(2.0)


def test_one_processor_saves_nothing() -> None:
    found = contest(side_by_side(1.0, cores=1))
    assert found is not None
    assert found.saved == 0.0


def test_what_computes_side_by_side_is_told_apart() -> None:
    found = contest(side_by_side(3.9))
    assert found is not None
    assert not found.one_at_a_time


@pytest.mark.parametrize(
    "silent",
    [
        pytest.param(side_by_side(0.01), id="tasks that sleep"),
        pytest.param(side_by_side(1.0, threads=1), id="one thread"),
        pytest.param(side_by_side(1.0, scheduler="processes"), id="processes"),
        pytest.param(
            computation(
                task("a", 0, 2, cpu=2.0), task("b", 2, 4, thread=1, cpu=2.0), stop=4, threads=2
            ),
            id="one after the other",
        ),
    ],
)
def test_nothing_takes_turns_with(silent) -> None:
    assert contest(silent) is None


def test_workers_have_an_interpreter_each() -> None:
    tasks = [
        task(f"t{n}", 0, 4, thread=n, cpu=2.0, worker=f"tcp://127.0.0.1:{n // 2}")
        for n in range(4)
    ]
    workers = tuple(Worker(f"tcp://127.0.0.1:{n}", 2) for n in range(2))
    ran = computation(*tasks, stop=4, threads=4, scheduler="distributed", workers=workers, cores=4)
    found = contest(ran)
    assert found is not None
    assert found.at_once == pytest.approx(1.0)
    # Eight seconds of work, two at a time now, four at a time then.
    assert found.saved == pytest.approx(2.0)

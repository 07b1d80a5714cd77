"""What would bring most, in seconds of the user's time."""

from __future__ import annotations

import pytest
from timelines import computation, task

from dask_lens.metrics import limit as module
from dask_lens.metrics.losses import budget


def limit(computations):
    return module.limit(computations, budget(computations))


def test_nothing_that_ran_has_no_limit():
    assert limit([]) is None
    assert limit([computation(stop=1, threads=2)]) is None


def test_a_graph_that_is_not_known_has_no_limit():
    run = computation(task("a", 0, 1), stop=1, threads=1)
    assert limit([computation(task("a", 0, 1), stop=1, threads=1)]) is not None
    object.__setattr__(run, "graph", None)
    assert limit([run]) is None


def told(*tasks, **rest):
    found = limit([computation(*tasks, **rest)])
    return found.account, found.seconds, found.of, found.text


def test_full_threads_are_limited_by_their_work():
    account, seconds, of, text = told(
        task("a", 0, 2, cpu=2.0), task("b", 0, 2, thread=1, cpu=2.0), stop=2, threads=2
    )
    assert (account, seconds, of) == ("cpu", pytest.approx(2), pytest.approx(2))
    assert text.startswith("2.0 of 2.0 s: all 2 threads were at work on the CPU")


def test_time_on_the_cpu_that_was_not_measured_is_not_claimed():
    *_, text = told(task("a", 0, 2), stop=2, threads=1)
    assert "as far as is known" in text


def test_sleeps_side_by_side_are_limited_by_waiting():
    account, seconds, *_ = told(
        task("nap", 0, 2, cpu=0.0), task("nip", 0, 2, thread=1, cpu=0.0), stop=2, threads=2
    )
    assert (account, seconds) == ("waiting", pytest.approx(2))


def test_two_sleeps_in_one_batch_are_limited_by_scheduling():
    account, seconds, _, text = told(
        task("a", 0, 2, cpu=0.0), task("b", 2, 4, cpu=0.0), stop=4, threads=4,
        scheduler="processes", chunksize=6,
    )  # fmt: skip
    assert (account, seconds) == ("scheduling", pytest.approx(2))
    assert text == (
        "2.0 of 4.0 s: your a and b tasks ran in one process of 4, one after the other, "
        "in batches of up to 6."
    )


def test_a_slow_start_is_named():
    account, seconds, _, text = told(task("a", 3, 4), stop=4, threads=1)
    assert (account, seconds) == ("scheduling", pytest.approx(3))
    assert "started 3.0 s after the call" in text


def test_a_chain_is_limited_by_its_dependencies():
    chain = [task(name, i, i + 1, cpu=1.0) for i, name in enumerate("abcd")]
    edges = [("a", "b"), ("b", "c"), ("c", "d")]
    account, seconds, *_ = told(*chain, stop=4, threads=4, edges=edges)
    assert (account, seconds) == ("dependencies", pytest.approx(3))


def test_a_straggler_is_named():
    account, seconds, _, text = told(
        task("short", 0, 1), task("long", 0, 9, thread=1), stop=9, threads=4
    )
    assert (account, seconds) == ("tail", pytest.approx(6.5))
    assert "your long task with 9.0 s" in text


def test_moving_data_is_named_by_the_tasks_that_waited_for_it():
    account, seconds, _, text = told(
        task("a", 0, 1), task("join", 4, 5, movement=3.0), stop=5, threads=1, edges=[("a", "join")]
    )
    assert (account, seconds) == ("movement", pytest.approx(3))
    assert "mostly your join task" in text


def test_python_between_computations_is_the_clients():
    first = computation(task("a", 0, 1), stop=1, threads=1)
    second = computation(task("b", 5, 6), start=5, stop=6, threads=1)
    found = limit([first, second])
    assert (found.account, found.seconds, found.of) == ("client", pytest.approx(4), 6)

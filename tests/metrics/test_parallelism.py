"""Parallelism, its ceiling and the longest chain, against timelines of known truth."""

from __future__ import annotations

from dataclasses import replace

import pytest
from timelines import computation, task

from dask_lens.metrics.critical_path import critical_path
from dask_lens.metrics.parallelism import parallelism
from dask_lens.record.cluster import Worker
from dask_lens.record.graph import Graph

DIAMOND = (
    [task("a", 0, 1), task("b", 1, 2), task("c", 1, 4, thread=1), task("d", 4, 5)],
    [("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")],
)


def test_nothing_that_ended_has_no_parallelism():
    assert parallelism([]) is None


def test_four_tasks_one_after_another_are_one_in_parallel():
    run = computation(*(task(str(i), i, i + 1) for i in range(4)), stop=4, threads=4)
    measured = parallelism([run])
    assert (measured.achieved, measured.threads, measured.ceiling) == pytest.approx((1, 4, 4))


def test_start_up_counts_as_active_time():
    run = computation(task("a", 1, 2), task("b", 1, 2, thread=1), stop=2, threads=2)
    assert parallelism([run]).achieved == pytest.approx(1)


def test_a_pause_between_computations_counts_as_active_time():
    first = computation(task("a", 0, 1), stop=1, threads=2)
    second = computation(task("b", 3, 4), start=3, stop=4, threads=2)
    assert parallelism([first, second]).achieved == pytest.approx(0.5)


def test_a_diamond_is_bound_by_its_longer_side():
    tasks, edges = DIAMOND
    run = computation(*tasks, stop=5, threads=2, edges=edges)
    found = critical_path(run)
    assert [link.key for link in found.links] == ["a", "c", "d"]
    assert found.span == pytest.approx(5)
    assert parallelism([run]).ceiling == pytest.approx(6 / 5)


def test_ceilings_of_computations_one_after_another_combine_by_work():
    wide = computation(task("a", 0, 1), task("b", 0, 1, thread=1), stop=1, threads=2)
    chain = computation(task("c", 1, 2), start=1, stop=2, threads=2)
    assert parallelism([wide, chain]).ceiling == pytest.approx(3 / 2)


def test_the_ceiling_is_unknown_without_the_graph():
    run = replace(computation(task("a", 0, 1), stop=1, threads=1), graph=None)
    assert parallelism([run]).ceiling is None
    assert critical_path(run) is None


def test_two_clusters_at_once_have_the_threads_of_both():
    one = computation(task("a", 0, 1), stop=1, threads=2, scheduler="distributed")
    one = replace(one, workers=(Worker("tcp://1", 2),))
    two = replace(one, workers=(Worker("tcp://2", 3),), threads=3)
    assert parallelism([one, two]).threads == 5
    assert parallelism([one, one]).threads == 2


def test_a_long_chain_needs_no_deep_recursion():
    n = 100_000
    graph = Graph(tuple(map(str, range(n))), ((), *((i,) for i in range(n - 1))))
    assert list(graph.order()) == list(range(n))
    backwards = Graph(graph.keys, (*((i + 1,) for i in range(n - 1)), ()))
    assert list(backwards.order()) == list(range(n - 1, -1, -1))

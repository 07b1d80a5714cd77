"""Computations that overlap are one to their threads."""

from __future__ import annotations

from dataclasses import replace

import pytest
from timelines import computation, task

from dask_lens.metrics.joined import join
from dask_lens.metrics.limit import limit
from dask_lens.metrics.losses import budget
from dask_lens.metrics.parallelism import parallelism
from dask_lens.record.cell import Place


def after(run, key, other):
    """Let ``key`` wait for a task of another computation."""
    return replace(run, graph=replace(run.graph, outside=((key, other),)))


MAPPED = computation(
    task("a", 0, 1), task("b", 0, 2, thread=1), stop=2, threads=2, scheduler="distributed"
)
SUMMED = computation(task("sum", 2, 3), start=0.1, stop=3, threads=2, scheduler="distributed")


def test_one_computation_stays_as_it_is():
    assert join([MAPPED]) is MAPPED


def test_edges_between_computations_make_the_chain_longer():
    apart = parallelism([MAPPED, SUMMED])
    chained = parallelism([MAPPED, after(SUMMED, "sum", "b")])
    assert apart.ceiling == pytest.approx(4 / 2)
    assert chained.ceiling == pytest.approx(4 / 3)


def test_a_task_that_waits_for_another_computation_is_not_ready():
    spent = budget([MAPPED, after(SUMMED, "sum", "b")])
    assert spent.scheduling == pytest.approx(0)
    assert spent.tail + spent.dependencies == pytest.approx(2)


def test_a_key_that_ran_in_both_counts_twice():
    one = computation(task("a", 0, 1), stop=1.5, threads=1)
    two = computation(task("a", 1, 2), start=0.5, stop=2, threads=1)
    both = join([one, two])
    assert both.busy == pytest.approx(2)
    assert len(set(both.graph.keys)) == 2
    assert parallelism([one, two]).ceiling == pytest.approx(2)


def test_places_of_both_are_kept():
    def put(run, line):
        graph = replace(run.graph, places=(Place(0, line),), made_at=(0,) * len(run.graph.keys))
        return replace(run, graph=graph)

    both = join([put(MAPPED, 3), put(SUMMED, 4)])
    assert [both.graph.place_of(i).line for i in range(3)] == [3, 3, 4]


def test_computations_that_overlap_have_a_limit():
    found = limit([MAPPED, SUMMED], budget([MAPPED, SUMMED]))
    assert found is not None
    assert found.of == pytest.approx(3)


def test_a_graph_that_arrived_late_is_the_clients_doing():
    late = computation(task("b", 5, 6), start=5, stop=6, threads=1)
    early = computation(task("a", 0, 1), stop=5.5, threads=1)
    found = limit([early, late], budget([early, late]))
    assert found.account == "client"
    assert found.seconds == pytest.approx(4)

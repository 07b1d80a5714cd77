"""A schedule that never leaves a thread idle without need."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dask_lens.metrics.batches import replay
from dask_lens.metrics.schedule import makespan
from dask_lens.record.graph import Graph

DIAMOND = Graph(("a", "b", "c", "d"), ((), (0,), (0,), (1, 2)))


def test_an_empty_graph_takes_no_time():
    assert makespan(Graph((), ()), 2, []) == 0


@pytest.mark.parametrize(("threads", "took"), [(1, 7), (2, 5), (9, 5)])
def test_a_diamond(threads, took):
    assert makespan(DIAMOND, threads, [1, 2, 3, 1]) == took


def test_nothing_starts_before_it_is_there():
    loose = Graph(("a", "b"), ((), ()))
    assert makespan(loose, 1, [1, 1], [0, 5]) == 6
    assert makespan(loose, 1, [1, 1], [3, 0]) == 4
    assert makespan(loose, 2, [4, 1], [0, 1]) == 4


@given(
    st.lists(st.tuples(st.floats(0.01, 10), st.sets(st.integers(0, 19))), min_size=1, max_size=20),
    st.integers(1, 6),
)
def test_it_takes_as_long_as_batches_of_one_on_one_thread_and_on_endless(drawn, threads):
    needs = tuple(tuple(j for j in deps if j < i) for i, (_, deps) in enumerate(drawn))
    graph = Graph(tuple(map(str, range(len(drawn)))), needs)
    seconds = [s for s, _ in drawn]
    assert makespan(graph, 1, seconds) == pytest.approx(sum(seconds))
    endless = replay(graph, workers=99, chunksize=1, durations=seconds).makespan
    assert makespan(graph, 99, seconds) == pytest.approx(endless)
    assert endless - 1e-6 <= makespan(graph, threads, seconds) <= sum(seconds) + 1e-6

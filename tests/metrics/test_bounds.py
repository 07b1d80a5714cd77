"""Work and span bound what any scheduler can do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from timelines import computation, task

from dask_lens.metrics.batches import replay
from dask_lens.metrics.bounds import bounds


def test_nothing_that_ran_has_no_bounds():
    assert bounds(computation(stop=1, threads=1)) is None


def test_a_graph_that_is_not_known_has_no_bounds():
    assert bounds(replace(computation(task("a", 0, 1), stop=1, threads=1), graph=None)) is None


def test_a_diamond_on_two_threads():
    run = computation(
        task("a", 0, 1), task("b", 1, 2), task("c", 1, 4, thread=1), task("d", 4, 5),
        stop=5, threads=2, edges=[("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")],
    )  # fmt: skip
    found = bounds(run)
    assert found is not None
    assert (found.work, found.span) == (pytest.approx(6), pytest.approx(5))
    assert (found.least, found.most) == (pytest.approx(5), pytest.approx(5.5))


@given(
    st.lists(st.tuples(st.floats(0.01, 10), st.sets(st.integers(0, 19))), min_size=1, max_size=20),
    st.integers(1, 8),
)
def test_a_greedy_scheduler_keeps_within_the_bounds(drawn, threads):
    tasks = [task(str(i), 0, seconds) for i, (seconds, _) in enumerate(drawn)]
    edges = [(str(j), str(i)) for i, (_, needs) in enumerate(drawn) for j in needs if j < i]
    run = computation(*tasks, stop=100, threads=threads, edges=edges)
    durations = [t.duration for t in run.tasks]
    took = replay(run.graph, workers=threads, chunksize=1, durations=durations).makespan
    found = bounds(run)
    assert found.least - 1e-4 <= took <= found.most + 1e-4

"""A timeline in bins has the sums of the intervals that went into it, whatever they were."""

from __future__ import annotations

import dataclasses
from dataclasses import fields

import dask
import pytest
from distributed import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from miniature import Notebook

from dask_lens.metrics.accounts import Budget
from dask_lens.metrics.losses import budget
from dask_lens.metrics.ready import ready_times
from dask_lens.observe.bins import ALIVE, BINS, BUSY, Bins
from dask_lens.record.timeline import Timeline

START = 1_700_000_000.0
times = st.floats(0, 1000, allow_nan=False)
intervals = st.lists(st.tuples(times, times).map(sorted), min_size=1, max_size=30)


def overlap(a: float, b: float, c: float, d: float) -> float:
    return max(min(b, d) - max(a, c), 0.0)


@settings(deadline=None, max_examples=50)  # machines may be busy
@given(intervals)
def test_each_bin_has_what_the_intervals_cover_of_it(spans: list[list[float]]) -> None:
    bins = Bins(START)
    for start, stop in spans:
        bins.ran(START + start, START + stop, 0.0)
    line = bins.timeline()
    assert len(line["busy"]) <= BINS
    for i, seconds in enumerate(line["busy"]):
        begin = i * line["width"]
        truth = sum(overlap(a, b, begin, begin + line["width"]) for a, b in spans)
        assert seconds == pytest.approx(truth, rel=1e-4, abs=1e-4)


@settings(deadline=None, max_examples=50)  # machines may be busy
@given(intervals)
def test_nothing_is_lost_when_bins_take_in_their_neighbours(spans: list[list[float]]) -> None:
    bins = Bins(START)
    for start, stop in spans:
        bins.add(BUSY, START + start, START + stop)
        bins.add(ALIVE, START + start, START + stop, 3.0)
        bins.last_stop = max(bins.last_stop, START + stop)
    line = bins.timeline()
    truth = sum(b - a for a, b in spans)
    assert sum(line["busy"]) == pytest.approx(truth, rel=1e-3, abs=1e-3)
    assert sum(line["runnable"]) == pytest.approx(2 * truth, rel=1e-3, abs=1e-3)


def test_what_is_before_the_first_bin_is_cut_off() -> None:
    bins = Bins(START)
    bins.ran(START - 5, START + 1, 2.0)
    assert sum(bins.timeline()["busy"]) == pytest.approx(1, abs=1e-4)


WORK = """
    import dask, time

    def nap(seconds, *before):
        time.sleep(seconds)

    nap = dask.delayed(nap, pure=False)
    first = [nap(0.02) for _ in range(10)]
    graph = [nap(0.1, *first), *[nap(0.02) for _ in range(9)]]
"""


@pytest.mark.parametrize("scheduler", ["sync", "threads", "distributed"])
def test_a_run_too_large_to_keep_has_the_budget_it_would_have(
    notebook: Notebook, scheduler: str
) -> None:
    notebook.works(WORK)
    compute = f"dask.compute(*graph, scheduler={scheduler!r}, num_workers=2)"
    with Client(n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None):
        kept = notebook.one(compute)
        notebook.stop()
        with dask.config.set({"dask-lens.observe.max-tasks": 5}):
            notebook.start()
            added_up = notebook.one(compute)
    assert kept.timeline is None
    assert added_up.timeline is not None
    assert len(added_up.tasks) <= 5
    assert added_up.n_tasks == kept.n_tasks
    line, spent = added_up.timeline, budget([added_up])
    assert sum(line.busy) == pytest.approx(added_up.busy, abs=1e-4)
    assert added_up.busy == pytest.approx(kept.busy, rel=0.1)
    assert spent is not None
    assert added_up.stop is not None
    assert spent.total == pytest.approx(added_up.threads * (added_up.stop - added_up.begin))
    assert spent.waiting > 0.8 * added_up.busy


def test_the_budget_of_a_timeline_is_that_of_the_tasks_in_it(notebook: Notebook) -> None:
    notebook.works(WORK)
    kept = notebook.one("dask.compute(*graph, scheduler='threads', num_workers=2)")
    bins = Bins(kept.start)
    able = ready_times([kept])
    for task, ready in zip(kept.tasks, able, strict=True):
        assert ready is not None
        bins.ran(task.start, task.stop, task.movement)
        bins.add(ALIVE, ready, task.stop)
    fields_of = {k: tuple(v) if isinstance(v, list) else v for k, v in bins.timeline().items()}
    cpu = sum(task.cpu or 0.0 for task in kept.tasks)
    added_up = dataclasses.replace(kept, timeline=Timeline(**fields_of, cpu=cpu))
    one, other = budget([kept]), budget([added_up])
    for name in (f.name for f in fields(Budget)):
        assert getattr(one, name) == pytest.approx(getattr(other, name), abs=0.02)

"""What a report tells of a computation's graph: its critical path, with lines, and its width."""

from __future__ import annotations

from dataclasses import replace

import pytest
from timelines import EPOCH, computation, task

from dask_lens.measures import DETAILED, STEPS, measure
from dask_lens.record import wire
from dask_lens.record.cell import Cell, Place
from dask_lens.record.run import Run
from dask_lens.report import Report, analyze

CELLS = (Cell("load", "one", 1), Cell("join", "two", 2))


def run_of(*computations):
    return Run(CELLS, 1, EPOCH, EPOCH + 9, computations)


def chain(count):
    tasks = [task(f"{i}", i, i + 1) for i in range(count)]
    edges = [(f"{i}", f"{i + 1}") for i in range(count - 1)]
    return computation(*tasks, stop=count, threads=2, edges=edges)


def test_a_step_whose_call_could_not_be_told_has_no_line():
    run = computation(task("mean-tree", 0, 1), stop=1, threads=1)
    (told,) = measure(run_of(run)).computations
    (step,) = told.critical_path
    assert (step.key, step.layer) == ("mean-tree", "mean-aggregate")
    assert (step.cell_id, step.execution_count, step.line) == (None, None, None)


def test_each_step_has_the_cell_and_the_line_that_made_it():
    run = chain(2)
    graph = replace(run.graph, places=(Place(0, 3), Place(1, 1)), made_at=(0, 1))
    (told,) = measure(run_of(replace(run, graph=graph))).computations
    made = [(step.cell_id, step.execution_count, step.line) for step in told.critical_path]
    assert made == [("one", 1, 3), ("two", 2, 1)]
    assert [step.duration for step in told.critical_path] == pytest.approx([1, 1])
    assert told.width.most == 1


def test_a_very_long_path_is_told_by_its_longest_tasks():
    (told,) = measure(run_of(chain(STEPS + 50))).computations
    assert told.critical_tasks == STEPS + 50
    assert len(told.critical_path) == STEPS
    times = [int(step.key) for step in told.critical_path]
    assert times == sorted(times)


def test_of_very_many_computations_the_longest_are_told_in_detail():
    many = [computation(task("a", i, i + 1), start=i, stop=i + 1, threads=1) for i in range(50)]
    many[30] = computation(task("b", 30, 31), start=30, stop=31, threads=1)
    told = measure(run_of(*many)).computations
    assert len(told) == 50
    assert sum(bool(one.critical_path) for one in told) == DETAILED
    assert all(one.bounds is not None for one in told)


def test_it_travels():
    report = analyze(run_of(chain(3)))
    assert Report.from_dict(report.to_dict()) == report
    assert report.to_dict()["computations"][0]["critical_path"][2]["layer"] == "2"
    assert wire.to_dict(report.computations[0].width)["most"] == 1


def test_all_numbers_speak_of_the_time_that_the_user_waited():
    run = computation(task("a", 0, 1), stop=1, threads=2, asked=EPOCH - 0.6)
    report = analyze(run_of(run))
    (told,) = report.computations
    assert "1.6 s" in report.headline
    assert "of 1.6 s" in report.limit
    assert told.stop - told.start == pytest.approx(1.6)
    assert report.budget.total == told.budget.total == pytest.approx(2 * 1.6)
    assert report.parallelism.achieved == told.parallelism == pytest.approx(1 / 1.6)
    assert told.width.step * len(told.width.running) == pytest.approx(1.6)


def test_without_a_thread_there_is_no_share_of_its_time_to_tell():
    report = analyze(run_of(computation(stop=1, threads=0)))
    assert report.efficiencies is None
    assert report.headline == "no thread was seen · 1.0 s · 0 tasks · threads"


def test_a_computation_that_broke_off_says_how_many_of_its_tasks_ran():
    whole = chain(3)
    broken = replace(whole, tasks=whole.tasks[:1], n_tasks=1, status="erred")
    assert " · 1 of 3 tasks · " in analyze(run_of(broken)).headline
    assert " · 3 tasks · " in analyze(run_of(whole)).headline

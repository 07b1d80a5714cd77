"""Lanes: one for each thread, drawn by hand against known truth."""

from __future__ import annotations

from dataclasses import replace

import pytest
from timelines import EPOCH, computation, task

from dask_lens.present import lanes as module
from dask_lens.present.lanes import lanes
from dask_lens.record.cluster import Worker


def names(laid):
    return [lane.name for lane in laid.lanes]


def keys(laid):
    return [[box.key for box in lane.boxes] for lane in laid.lanes]


def test_nothing_ran_nothing_is_laid_out():
    assert lanes(()) is None
    assert lanes((computation(stop=1.0, threads=2),)) is None


def test_each_thread_has_its_lane_with_its_tasks_by_time():
    laid = lanes(
        (
            computation(
                task("c", 1.0, 2.0, thread=7),
                task("a", 0.1, 1.0, thread=7),
                task("b", 0.2, 1.5, thread=9),
                stop=2.5,
                threads=2,
            ),
        )
    )
    assert names(laid) == ["thread 1", "thread 2"]
    assert keys(laid) == [["a", "c"], ["b"]]
    assert (laid.start, laid.duration, laid.tasks, laid.missing) == (EPOCH, 2.5, 3, 0)
    box = laid.lanes[1].boxes[0]
    assert (box.start, box.duration) == (pytest.approx(0.2), pytest.approx(1.3))


def test_threads_that_ran_nothing_are_there_and_empty():
    laid = lanes(
        (computation(task("a", 0, 1), stop=1.0, threads=3, scheduler="processes"),),
    )
    assert names(laid) == ["process 1", "another process", "another process"]
    assert keys(laid) == [["a"], [], []]


def test_many_threads_that_ran_nothing_share_a_lane():
    laid = lanes((computation(task("a", 0, 1), stop=1.0, threads=40),))
    assert names(laid) == ["thread 1", "39 more threads"]
    assert laid.lanes[1].threads == 39


def test_processes_that_lived_after_one_another_share_a_lane():
    first = computation(task("a", 0, 1, worker="p1"), stop=1.0, threads=1, scheduler="processes")
    second = computation(
        task("b", 2, 3, worker="p2"), start=2.0, stop=3.0, threads=1, scheduler="processes"
    )
    assert keys(lanes((first, second))) == [["a", "b"]]


def test_processes_of_one_computation_never_share_a_lane():
    laid = lanes(
        (
            computation(
                task("a", 0, 1, worker="p1"),
                task("b", 2, 3, worker="p2"),
                stop=3.0,
                threads=2,
                scheduler="processes",
            ),
        )
    )
    assert keys(laid) == [["a"], ["b"]]


def test_a_thread_keeps_its_lane_from_others_that_look_for_a_free_one():
    first = computation(task("a", 0, 1, thread=1), stop=1.0, threads=2)
    second = computation(
        task("b", 2, 4, thread=2), task("c", 3, 4, thread=1), start=2.0, stop=4.0, threads=2
    )
    assert keys(lanes((first, second))) == [["a", "c"], ["b"]]


def test_a_cluster_has_its_lanes_by_worker():
    cluster = computation(
        task("a", 0, 1, worker="tcp://10.0.0.2:1", thread=1),
        task("b", 0, 1, worker="tcp://10.0.0.1:1", thread=1),
        task("c", 0, 1, worker="tcp://10.0.0.2:1", thread=2),
        stop=1.0,
        threads=4,
        scheduler="distributed",
        workers=(Worker("tcp://10.0.0.1:1", 2), Worker("tcp://10.0.0.2:1", 2)),
    )
    laid = lanes((cluster,))
    assert names(laid) == ["10.0.0.1:1", "10.0.0.2:1", "10.0.0.2:1 #2", "another thread"]
    assert keys(laid) == [["b"], ["a"], ["c"], []]


def test_the_longest_chain_is_marked_and_no_other_task():
    laid = lanes(
        (
            computation(
                task("a", 0, 1),
                task("b", 1, 3),
                task("c", 0, 2, thread=1),
                stop=3.0,
                threads=2,
                edges=[("a", "b")],
            ),
        )
    )
    marked = {box.key for lane in laid.lanes for box in lane.boxes if box.critical}
    assert marked == {"a", "b"}


def test_prefixes_are_ranked_by_their_seconds_and_those_beyond_the_colours_are_others():
    tasks = [task(f"p{i}", i, i + 0.1 + 0.01 * i) for i in range(20)]
    laid = lanes((computation(*tasks, stop=21.0, threads=1),))
    assert laid.prefixes == tuple(f"p{i}" for i in range(19, 19 - module.MOST_PREFIXES, -1))
    prefixes = {box.key: box.prefix for box in laid.lanes[0].boxes}
    assert prefixes["p19"] == 0
    assert prefixes["p0"] == module.MOST_PREFIXES


def test_too_many_tasks_become_the_busy_share_and_the_longest_chain(monkeypatch):
    monkeypatch.setattr(module, "MOST_BOXES", 3)
    tasks = [task(f"t{i}", i, i + 0.5, thread=i % 2) for i in range(4)]
    edges = [("t0", "t1"), ("t1", "t2")]
    (even, odd) = lanes((computation(*tasks, stop=4.0, threads=2, edges=edges),)).lanes
    assert sum(even.busy) * 4.0 / module.BINS == pytest.approx(1.0)
    assert sum(odd.busy) * 4.0 / module.BINS == pytest.approx(1.0)
    assert max(even.busy) == pytest.approx(1.0)
    assert {box.key for box in even.boxes} <= {"t0", "t2"}
    assert all(box.critical for box in (*even.boxes, *odd.boxes))


def test_too_many_threads_share_lanes_and_no_second_is_lost(monkeypatch):
    monkeypatch.setattr(module, "MOST_LANES", 4)
    tasks = [task(f"t{i}", 0, 1, worker=f"tcp://w{i:02}:1", thread=i) for i in range(10)]
    cluster = computation(*tasks, stop=2.0, threads=10, scheduler="distributed")
    laid = lanes((cluster,))
    assert len(laid.lanes) == 4
    assert laid.lanes[0].name == "w00:1 and 2 more"
    assert sum(lane.threads for lane in laid.lanes) == 10
    seconds = [sum(lane.busy) * lane.threads * 2.0 / module.BINS for lane in laid.lanes]
    assert sum(seconds) == pytest.approx(10.0)


def test_the_threads_of_a_worker_share_a_lane_before_workers_do(monkeypatch):
    monkeypatch.setattr(module, "MOST_LANES", 2)
    tasks = [task(f"t{i}", 0, 1, worker=f"w{i % 2}", thread=i) for i in range(4)]
    cluster = computation(*tasks, stop=1.0, threads=4, scheduler="distributed")
    laid = lanes((cluster,))
    assert [(lane.name, lane.threads) for lane in laid.lanes] == [("w0", 2), ("w1", 2)]


def test_tasks_that_were_not_kept_are_counted():
    some = replace(computation(task("a", 0, 1), stop=1.0, threads=1), n_tasks=10)
    laid = lanes((some,))
    assert (laid.tasks, laid.missing) == (10, 9)


def test_a_computation_that_runs_is_laid_out_as_far_as_it_is():
    running = replace(computation(task("a", 0, 1), stop=1.0, threads=1), stop=None)
    assert lanes((running,)).duration == pytest.approx(1.0)


def test_a_run_without_length_can_be_laid_out():
    laid = lanes((computation(task("a", 0, 0), stop=0.0, threads=1),))
    assert laid.duration == 0.0
    assert keys(laid) == [["a"]]

"""Predictions: from computations drawn by hand, and from real ones that sleep."""

from __future__ import annotations

import gc
import time
import weakref
from dataclasses import replace

import dask
import pytest
from drawn import naps, spins
from timelines import EPOCH, computation, task

import dask_lens
from dask_lens.metrics import boot, recorded, unseen
from dask_lens.metrics.calibration import calibrate
from dask_lens.metrics.change import Change
from dask_lens.metrics.estimate import Estimate
from dask_lens.metrics.whatif import estimate, predict
from dask_lens.record.cluster import Worker
from dask_lens.record.graph import Graph
from dask_lens.record.run import NotJudged


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    """Let nobody else use this machine, as far as predictions can see."""
    monkeypatch.setattr(unseen, "_load", lambda: 0.0)


@pytest.mark.parametrize(
    ("ran", "change", "seconds"),
    [
        pytest.param(naps(8), Change(), 8.0, id="nothing changes"),
        pytest.param(naps(8), Change(workers=4), 2.0, id="four threads sleep at once"),
        pytest.param(naps(8, threads=4), Change(workers=1), 8.0, id="one thread"),
        pytest.param(naps(8, threads=4), Change(scheduler="sync"), 8.0, id="none"),
        pytest.param(
            naps(8, scheduler="sync"),
            Change(scheduler="threads"),
            4.0,
            id="sync to threads",
        ),
        pytest.param(
            naps(4, scheduler="processes", chunksize=6),
            Change(chunksize=1, workers=4),
            1.0,
            id="tasks sent one by one",
        ),
        pytest.param(
            naps(8, threads=2),
            Change(scheduler="distributed"),
            4.0,
            id="a cluster",
        ),
        pytest.param(
            naps(8, threads=2),
            Change(scheduler="distributed", workers=2, threads_per_worker=2),
            2.0,
            id="two threads for each of two workers",
        ),
        pytest.param(
            spins(4, 4),
            Change(scheduler="distributed", workers=2),
            2.0,
            id="a GIL each",
        ),
        pytest.param(
            spins(4, 4),
            Change(scheduler="distributed", workers=4),
            2.0,
            id="four workers on two processors",
        ),
        pytest.param(spins(4, 4), Change(workers=2), 4.0, id="the GIL, by two"),
        pytest.param(naps(8), Change(batched=4, workers=2), 4.0, id="two batches of four"),
        pytest.param(naps(8), Change(without={"nap-0", "nap-1"}), 6.0, id="two tasks less"),
    ],
)
def test_seconds_after_a_change(ran, change, seconds) -> None:
    made = estimate(ran, change)
    assert made is not None
    assert made.mid == pytest.approx(seconds, abs=0.1)
    assert made.low <= made.mid <= made.high


def test_a_chain_that_folds_values_is_shorter_as_a_tree() -> None:
    chain = naps(7, name="add")
    graph = Graph(tuple(f"add-{i}" for i in range(7)), ((), *((i,) for i in range(6))))
    made = estimate(replace(chain, graph=graph, threads=4), Change(trees={"add"}))
    assert made is not None
    assert made.mid == pytest.approx(3.0, abs=0.05)  # eight values, in three steps


LOOP = [naps(2, start=3 * i, name=f"n{i}", threads=2, seconds=2.0) for i in range(3)]


def test_python_between_computations_stays() -> None:
    made = estimate(LOOP, Change())
    assert made is not None
    assert made.mid == pytest.approx(8.0, abs=0.05)


def test_a_loop_of_computations_made_one_runs_side_by_side() -> None:
    made = estimate(LOOP, Change(joined=True, workers=6))
    assert made is not None
    assert made.mid == pytest.approx(4.0, abs=0.05)


def test_a_first_call_that_was_slow_to_start_does_not_set_the_pace() -> None:
    loop = [
        replace(
            naps(2, start=10 * i, name=f"n{i}", scheduler="processes", chunksize=1),
            start=EPOCH + 10 * i - boot_seconds,
        )
        for i, boot_seconds in enumerate((3.0, 0.5, 0.5))
    ]
    whole = estimate(loop, Change())
    made = estimate(loop, Change(joined=True))
    assert whole is not None
    assert made is not None
    # The start of two pools is saved, of 3 and of 0.5 s, and their end.
    assert 3.5 < whole.mid - made.mid < 4.5


def test_one_pool_for_all_computations_is_started_and_ended_once() -> None:
    loop = [
        replace(
            naps(2, start=10 * i, name=f"n{i}", scheduler="processes", chunksize=1),
            start=EPOCH + 10 * i - 1.0,
        )
        for i in range(3)
    ]
    whole, made = estimate(loop, Change()), estimate(loop, Change(pooled=True))
    assert whole is not None
    assert made is not None
    # A second of start-up, and some for the end, twice.
    assert 2.0 < whole.mid - made.mid < 2.6


def test_nothing_takes_no_time() -> None:
    assert estimate(naps(3), Change(dropped=True)) == Estimate(0.0, 0.0, 0.0)


def test_keys_that_several_computations_ran_run_once() -> None:
    twice = [naps(3), naps(3, start=4.0)]
    made = estimate(twice, Change(once=True))
    assert made is not None
    assert made.mid == pytest.approx(4.0, abs=0.05)


def test_the_start_of_processes_is_part_of_it() -> None:
    late = naps(4, scheduler="processes", threads=2, chunksize=1)
    late = replace(late, start=EPOCH - 1.0)
    made = estimate(late, Change(workers=4))
    assert made is not None
    # One second for two processes on two processors: two seconds for four.
    assert made.mid == pytest.approx(3.0, rel=0.15)


def test_uneven_tasks_widen_the_interval() -> None:
    lengths = [0.1, 0.1, 0.1, 0.1, 2.0, 0.1, 0.1, 0.1]
    starts = [sum(lengths[:i]) for i in range(8)]
    tasks = [
        replace(task(f"a-{i}", s, s + d, cpu=0.0), prefix="a")
        for i, (s, d) in enumerate(zip(starts, lengths, strict=True))
    ]
    uneven = estimate(computation(*tasks, stop=2.7, threads=1), Change(workers=4))
    even = estimate(naps(8), Change(workers=4))
    assert uneven is not None
    assert even is not None
    assert uneven.mid == pytest.approx(2.0, abs=0.15)
    assert uneven.high - uneven.low > 1.0
    assert even.high - even.low < 0.2


def test_an_estimate_is_the_same_every_time() -> None:
    change = Change(scheduler="processes", workers=2)
    assert estimate(spins(4, 4), change) == estimate(spins(4, 4), change)


def test_who_holds_the_gil_is_left_open_where_it_was_not_seen() -> None:
    alone = [task(f"spin-{i}", i, i + 1, cpu=1.0) for i in range(4)]
    ran = computation(*alone, stop=4, threads=1, scheduler="sync", cores=2)
    made = estimate(ran, Change(scheduler="threads", workers=2))
    assert made is not None
    assert made.low == pytest.approx(2.0, rel=0.15)
    assert made.high == pytest.approx(4.5, rel=0.15)


@pytest.mark.parametrize(
    ("ran", "reason"),
    [
        pytest.param([], "nothing was computed", id="nothing"),
        pytest.param(replace(naps(2), stop=None, status="open"), "under way", id="open"),
        pytest.param(replace(naps(2), status="erred"), "did not come to its end", id="erred"),
        pytest.param(replace(naps(2), graph=None), "too large", id="no graph"),
        pytest.param(replace(naps(2), n_tasks=3), "too large", id="a task not kept"),
        pytest.param(replace(naps(2), scheduler="custom"), "no replay is known", id="custom"),
        pytest.param(
            computation(task("a", 0, 1, cpu=0.0), task("b", 3, 4, cpu=0.0), stop=4, threads=1),
            "too short",
            id="seconds nobody explains",
        ),
    ],
)
def test_what_cannot_be_predicted_is_said(ran, reason) -> None:
    outcome = predict(ran, Change(workers=2))
    assert isinstance(outcome, NotJudged)
    assert reason in outcome.reason


@pytest.mark.parametrize(
    "change",
    [Change(scheduler="ray"), Change(workers=0), Change(chunksize=-1), Change(batched=0)],
    ids=str,
)
def test_a_change_that_makes_no_sense_is_refused(change) -> None:
    with pytest.raises(ValueError, match="must be"):
        estimate(naps(2), change)


def test_nothing_is_started_unasked(monkeypatch) -> None:
    started = []
    monkeypatch.setattr(boot.subprocess, "run", lambda *a, **_: started.append(a))
    monkeypatch.setattr(boot, "_measured", {})
    change = Change(scheduler="processes", workers=2)
    assert estimate(naps(4), change) is not None
    assert started == []
    predict(naps(4), change, measure=True)
    # With what is sure to be imported, and with what may be.
    assert len(started) in (1, 2)
    once = list(started)
    predict(naps(4), change, measure=True)
    assert started == once


def test_a_python_that_does_not_start_costs_no_prediction(monkeypatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise OSError

    monkeypatch.setattr(boot.subprocess, "run", fails)
    monkeypatch.setattr(boot, "_measured", {})
    change = Change(scheduler="processes", workers=2)
    assert isinstance(predict(naps(4), change, measure=True), Estimate)


def test_a_fork_starts_at_once() -> None:
    with dask.config.set({"multiprocessing.context": "fork"}):
        assert (boot.measured(now=False) or 9.0) < 0.1


@dask.delayed(pure=False)
def nap(seconds: float, *_: object) -> float:
    time.sleep(seconds)
    return seconds


def shape(kind: str) -> list[object]:
    if kind == "a chain":
        return [nap(0.05, nap(0.05, nap(0.05)))]
    if kind == "skewed":
        return [nap(s) for s in (0.02, 0.02, 0.02, 0.02, 0.2)]
    first = [nap(0.05) for _ in range(8)]
    return [nap(0.03, *first[:4]), nap(0.03, *first[4:])]


@pytest.mark.parametrize("kind", ["a chain", "skewed", "a map and a reduction"])
@pytest.mark.parametrize(("before", "after"), [("sync", "threads"), ("threads", "threads")])
def test_a_real_run_takes_as_long_as_was_predicted(kind: str, before: str, after: str) -> None:
    # On a busy machine one run in eight must be as predicted.
    outcomes = []
    for _ in range(8):
        with dask_lens.observe() as seen:
            dask.compute(*shape(kind), scheduler=before, num_workers=1)
        assert seen.run is not None
        made = estimate(seen.run, Change(scheduler=after, workers=4))
        start = time.perf_counter()
        dask.compute(*shape(kind), scheduler=after, num_workers=4)
        took = time.perf_counter() - start
        outcomes.append((made, took))
        if made is not None and took == pytest.approx(made.mid, rel=0.1, abs=0.02):
            return
    pytest.fail(f"predicted and measured: {outcomes}")


def test_a_hundred_thousand_tasks_are_predicted_in_seconds() -> None:
    count = 100_000
    keys = [f"t-{i}" for i in range(count)]
    tasks = [
        replace(task(key, i * 0.001, i * 0.001 + 0.0009, cpu=0.0), prefix="t")
        for i, key in enumerate(keys)
    ]
    ran = naps(1)
    needs = tuple(tuple(range(max(0, i - 7), i, 3)) for i in range(count))
    graph = replace(ran.graph, keys=tuple(keys), dependencies=needs)
    ran = replace(ran, tasks=tuple(tasks), n_tasks=count, graph=graph, stop=EPOCH + count * 0.001)
    times = []
    for _ in range(2):
        start = time.process_time()
        assert estimate(ran, Change(workers=4)) is not None
        times.append(time.process_time() - start)
    # Two seconds is the aim; the rest is for a machine that does other things as well.
    assert min(times) < 5


def test_workers_of_one_process_share_its_interpreter() -> None:
    workers = tuple(Worker(f"inproc://{i}", 1) for i in range(2))
    tasks = [task(f"t-{i}", 0, 2, thread=i, worker=workers[i].address, cpu=1.0) for i in range(2)]
    ran = computation(*tasks, stop=2, threads=2, scheduler="distributed", cores=2, workers=workers)
    made = estimate(ran, Change(workers=1))
    assert made is not None
    assert made.mid == pytest.approx(2.0, rel=0.1)


@pytest.fixture
def calibrations(monkeypatch):
    """Return a list that grows with every computation that is calibrated."""
    done = []

    def counted(c):
        done.append(c)
        return calibrate(c)

    monkeypatch.setattr(recorded, "calibrate", counted)
    monkeypatch.setattr(recorded, "_known", [])
    return done


def test_what_ran_is_replayed_once_however_many_changes_are_asked_about(calibrations) -> None:
    ran, equal = naps(8), naps(8)
    estimates = [estimate(ran, Change(workers=n)) for n in (1, 2, 4)]
    assert estimates == [estimate([equal], Change(workers=n)) for n in (1, 2, 4)]
    assert [id(c) for c in calibrations] == [id(ran), id(equal)]


def test_what_was_replayed_is_not_kept_alive_nor_more_than_the_latest(calibrations) -> None:
    ran = naps(8)
    there = weakref.ref(ran)
    assert estimate(ran, Change()) is not None
    calibrations.clear()
    del ran
    gc.collect()
    assert there() is None
    others = [naps(2) for _ in range(30)]
    for other in others:
        assert estimate(other, Change()) is not None
    calibrations.clear()
    assert estimate(others[-1], Change(workers=2)) is not None
    assert calibrations == []
    assert estimate(others[0], Change(workers=2)) is not None
    assert len(calibrations) == 1

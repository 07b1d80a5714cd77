"""What was not seen of a run makes the interval wider, or nothing is predicted."""

from __future__ import annotations

from dataclasses import replace

import pytest
from drawn import naps, spins
from timelines import computation, task

from dask_lens.metrics import leaving, unseen
from dask_lens.metrics.change import Change
from dask_lens.metrics.estimate import Estimate
from dask_lens.metrics.recorded import calibrated
from dask_lens.metrics.setup import Setup
from dask_lens.metrics.whatif import estimate, predict
from dask_lens.record.call import ObservedCall
from dask_lens.record.run import NotJudged, Run


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    """Let nobody else use this machine, as far as predictions can see."""
    monkeypatch.setattr(unseen, "_load", lambda: 0.0)
    # What this process has imported by now is imported in no time elsewhere.
    monkeypatch.setattr(leaving, "measured", lambda **_: 0.0)


def test_on_a_machine_that_others_use_it_may_take_longer(monkeypatch) -> None:
    alone = estimate(spins(4, 4), Change(scheduler="distributed", workers=2))
    monkeypatch.setattr(unseen, "_load", lambda: 5.0)
    shared = estimate(spins(4, 4), Change(scheduler="distributed", workers=2))
    assert alone is not None
    assert shared is not None
    assert shared.mid == alone.mid
    # Two of ours and four others want two processors.
    assert shared.high > 5.5 > alone.high
    sleeping = estimate(naps(8), Change(workers=4))
    assert sleeping is not None
    assert sleeping.high == pytest.approx(2.0, rel=0.1)


def test_processors_that_were_not_used_are_not_counted_upon() -> None:
    one = estimate(spins(4, 4), Change(scheduler="distributed", workers=2))
    both = [task(f"t-{i}", i // 2, i // 2 + 1, thread=i % 2, cpu=1.0) for i in range(4)]
    ran = computation(*both, stop=2, threads=2, cores=2, scheduler="threads")
    two = estimate(ran, Change(scheduler="distributed", workers=2))
    assert one is not None
    assert two is not None
    assert (one.mid, two.mid) == (pytest.approx(2.0, rel=0.1), pytest.approx(2.0, rel=0.1))
    assert one.high > 2.7 > two.high


def test_data_of_unknown_size_may_take_long_to_move_but_not_what_sleep_made() -> None:
    edges = [("a", "b"), ("b", "c")]
    cluster = Change(scheduler="distributed", workers=2)
    for cpu, least, most in ((0.0, 3.0, 3.6), (1.0, 4.5, 7.0)):
        chain = [replace(task(k, i, i + 1, cpu=cpu), prefix="t") for i, k in enumerate("abc")]
        ran = computation(*chain, stop=3, threads=1, scheduler="sync", edges=edges, cores=2)
        made = estimate(ran, cluster)
        assert made is not None
        assert made.mid == pytest.approx(3.0, rel=0.1)
        assert least < made.high < most


def test_bags_and_dataframes_that_would_leave_this_process_are_not_judged() -> None:
    facts = {"collections": [{"type": "dask.bag.core.Bag", "npartitions": 8}]}
    call = ObservedCall("dask.compute", None, 0, 0, 1, facts)
    bag = Run((), computations=(naps(8),), calls=(call,))
    outcome = predict(bag, Change(scheduler="processes"))
    assert isinstance(outcome, NotJudged)
    assert "%%lens_compare" in outcome.reason
    assert isinstance(predict(bag, Change(workers=2)), Estimate)


def test_large_arguments_are_sent_to_processes() -> None:
    given = ObservedCall("dask.delayed", None, 0, 0, 8, {"nbytes": 800_000_000})
    plain, large = (Run((), computations=(naps(8),), calls=calls) for calls in ((), (given,)))
    cluster = Change(scheduler="distributed")
    without, made = predict(plain, cluster), predict(large, cluster)
    assert isinstance(without, Estimate)
    assert isinstance(made, Estimate)
    assert made.mid - without.mid == pytest.approx(2.0)
    assert made.high - without.high == pytest.approx(6.0)


def weighed(run: Run, sent: int, nbytes: int) -> Run:
    (ran,) = run.computations
    tasks = tuple(replace(task, sent=sent, nbytes=nbytes) for task in ran.tasks)
    return replace(run, computations=(replace(ran, tasks=tasks),))


def test_bags_whose_sizes_were_measured_are_judged_with_what_is_sent_there_and_back() -> None:
    facts = {"collections": [{"type": "dask.bag.core.Bag", "npartitions": 8}]}
    bag = Run(
        (), computations=(naps(8),), calls=(ObservedCall("dask.compute", None, 0, 0, 1, facts),)
    )
    for scheduler in ("processes", "distributed"):
        change = Change(scheduler=scheduler)
        small = predict(weighed(bag, 1_000, 32), change)
        for sent, nbytes in ((50_000_000, 32), (32, 50_000_000)):
            large = predict(weighed(bag, sent, nbytes), change)
            assert isinstance(small, Estimate)
            assert isinstance(large, Estimate)
            assert 0.5 < large.mid - small.mid < 2.0
            assert large.high - small.high > 1.0


def test_tasks_may_wait_behind_others_where_several_workers_are_sent_more_than_they_can_run() -> (
    None
):
    work = calibrated(naps(24))[0].work
    each = work.busy / 24
    for workers, threads, more in ((2, 4, each), (1, 8, 0.0), (8, 1, 0.0), (4, 8, 0.0)):
        assert unseen.behind(work, Setup("distributed", workers, threads)) == pytest.approx(more)
    assert unseen.behind(work, Setup("threads", 8)) == 0

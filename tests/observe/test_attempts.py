"""Tasks that run more than once: each attempt took thread-seconds, whatever came of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import fields

import dask
import pytest
from distributed import Client, LocalCluster
from miniature import Notebook

from dask_lens.metrics.accounts import Budget
from dask_lens.metrics.change import Change
from dask_lens.metrics.losses import budget
from dask_lens.metrics.parallelism import parallelism
from dask_lens.metrics.reruns import reruns
from dask_lens.metrics.whatif import predict
from dask_lens.observe.attempts import Threads
from dask_lens.observe.meter import Meter
from dask_lens.record.computation import Computation
from dask_lens.record.run import NotJudged, Run
from dask_lens.report import analyze

#: When attempts ran, by their own clocks; opened where a task is to end.
told: list[tuple[float, float]] = []
gate = threading.Event()


def flaky(errors: int) -> int:
    """Err so many times."""
    make(0.15)
    if len(told) <= errors:
        raise ValueError("once more")
    return len(told)


def make(seconds: float, *_: object) -> float:
    """Take a while, and tell."""
    start = time.time()
    time.sleep(seconds)
    told.append((start, time.time()))
    return seconds


def until_open(*_: object) -> None:
    """Wait for the test."""
    gate.wait(20)


@pytest.fixture
def client() -> Iterator[Client]:
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, processes=False, dashboard_address=":0"
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


@pytest.fixture
def cell(notebook: Notebook, client: Client) -> Notebook:
    told.clear()
    gate.clear()
    names = {"flaky": flaky, "make": make, "until_open": until_open, "gate": gate}
    notebook.variables.update(names, client=client, dask=dask, time=time)
    return notebook


def accounts(run: Run) -> Budget:
    """Return the accounts of a run, after seeing that they add up."""
    found = budget(run.computations)
    assert found is not None
    parts = [getattr(found, field.name) for field in fields(Budget) if field.name != "total"]
    assert sum(parts) == pytest.approx(found.total, rel=1e-3)
    return found


def seconds() -> float:
    return sum(stop - start for start, stop in told)


def busy(computation: Computation) -> float:
    return sum(task.duration for task in computation.tasks)


def test_tasks_that_run_once_are_not_told_to_run_again(cell: Notebook) -> None:
    run = cell.works("client.gather(client.map(make, [0.1] * 4, pure=False, retries=2))")
    assert reruns(run.computations).count == 0
    assert "again" not in analyze(run).headline
    assert not isinstance(predict(run, Change(workers=1)), NotJudged)


def test_a_task_that_errs_for_good_is_not_told_to_run_again(cell: Notebook) -> None:
    run = cell.cell("client.submit(flaky, 9).result()")
    assert isinstance(cell.error, ValueError)
    assert [task.status for c in run.computations for task in c.tasks] == ["erred"]
    assert "again" not in analyze(run).headline


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("client.submit(flaky, 2, retries=2).result()", id="a submit"),
        pytest.param("dask.delayed(flaky)(2).compute(retries=2)", id="a compute"),
        pytest.param("client.map(flaky, [2], retries=5)[0].result()", id="a map"),
    ],
)
def test_attempts_that_are_retried_are_accounted_for(cell: Notebook, source: str) -> None:
    run = cell.works(source)
    (computation,) = run.computations
    assert [task.status for task in computation.tasks] == ["erred", "erred", "memory"]
    assert all(task.exact for task in computation.tasks)
    for task, (start, stop) in zip(computation.tasks, told, strict=True):
        assert task.start == pytest.approx(start, abs=0.05)
        # The worker's thread formats the traceback, too, and may read files for it.
        assert stop - 0.05 <= task.stop <= stop + 0.5
    found = accounts(run)
    ran = sum(task.duration for task in computation.tasks)
    assert found.cpu + found.waiting == pytest.approx(ran, abs=0.01)
    again = reruns(run.computations)
    assert again.count == 2
    assert again.seconds == pytest.approx(ran - computation.tasks[-1].duration)
    assert "2 run again" in analyze(run).headline
    # One after another they are one chain.
    measured = parallelism(run.computations)
    assert measured is not None
    assert measured.ceiling == pytest.approx(1.0, rel=0.03)
    unfit = predict(run, Change(workers=1))
    assert isinstance(unfit, NotJudged)
    assert "run again" in unfit.reason


def test_results_that_a_worker_takes_along_are_made_again(cell: Notebook) -> None:
    run = cell.works("""
        made = client.map(make, [0.1] * 4, pure=False)
        client.gather(made)
        last = client.submit(until_open)
        while not any(client.processing().values()):
            time.sleep(0.01)
        (other,) = (w for w in client.cluster.workers.values() if not w.state.executing_count)
        lost = list(other.data)
        client.sync(client.cluster.scheduler.remove_worker, other.address, stimulus_id="test")
        gate.set()
        last.result()
        client.gather(made)
    """)
    lost = cell.variables["lost"]
    assert lost
    assert len(told) == 4 + len(lost)
    made = [task for c in run.computations for task in c.tasks if task.prefix == "make"]
    assert sum(task.duration for task in made) == pytest.approx(seconds(), rel=0.05, abs=0.02)
    assert {task.key for task in made} == {task.key for task in run.computations[0].tasks}
    assert reruns(run.computations).count >= len(lost)
    accounts(run)


def test_what_ran_when_its_worker_left_is_accounted_for_until_then(cell: Notebook) -> None:
    run = cell.works("""
        last = client.submit(until_open)
        time.sleep(0.4)
        (address,) = {where for where in client.processing() if client.processing()[where]}
        left = time.time()
        client.sync(client.cluster.scheduler.remove_worker, address, stimulus_id="test")
        time.sleep(0.2)
        gate.set()
        last.result()
    """)
    (computation,) = run.computations
    cut, whole = computation.tasks
    assert (cut.status, cut.exact) == ("released", False)
    assert (whole.status, whole.exact) == ("memory", True)
    assert cut.stop == pytest.approx(cell.variables["left"], abs=0.1)
    assert cut.duration == pytest.approx(0.4, abs=0.1)
    found = accounts(run)
    assert found.cpu + found.waiting == pytest.approx(busy(computation), abs=0.02)


def test_only_tasks_that_had_a_thread_ran_in_vain() -> None:
    meter, threads = Meter(), Threads()
    meter.add_worker("a", 2, 0.0)
    threads.ended("a", 7, 5.0)
    running = {"x": ("a", 1.0), "other": ("b", 1.0), "y": ("a", 4.0), "z": ("a", 4.5)}
    cut = {key: threads.in_vain(key, running, meter) for key in ("z", "y", "x", "gone")}
    begun = {key: one["startstops"][0]["start"] for key, one in cut.items() if one}
    assert begun == {"y": 5.0, "x": 1.0}
    assert {one["outcome"] for one in cut.values() if one} == {"released"}


def test_many_tasks_that_are_cancelled_together_take_no_long_look_each() -> None:
    meter, threads = Meter(), Threads()
    for worker in range(500):
        meter.add_worker(str(worker), 2, 0.0)
    running = {i: (str(i % 500), 1.0 + i / 1e6) for i in range(20_000)}
    began = time.thread_time()
    told = [key for key in reversed(list(running)) if threads.in_vain(key, running, meter)]
    assert time.thread_time() - began < 2.0
    assert sorted(told) == list(range(1000))

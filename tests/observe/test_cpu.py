"""Time on the CPU is told from time off it, on clusters too."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from distributed import Client
from miniature import Notebook

from dask_lens.metrics.losses import budget, cpu_known
from dask_lens.observe import cpu_probe
from dask_lens.observe.cpu_probe import CpuProbe, Reading, sums_of
from dask_lens.observe.group import Group
from dask_lens.observe.link import Link
from dask_lens.record.run import Run

WORK = """
    import time

    def sleep(seconds):
        time.sleep(seconds)

    def spin(seconds):
        end = time.thread_time() + seconds
        while time.thread_time() < end:
            pass

    def work(how, seconds):
        how(seconds)
"""


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with Client(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None
    ) as client:
        yield client


@pytest.fixture
def cells(notebook: Notebook, client: Client) -> Notebook:
    """A notebook with a cluster that has worked before."""
    notebook.works(WORK)
    notebook.variables["client"] = client
    notebook.works("client.gather(client.map(spin, [0.05] * 2, pure=False))")
    return notebook


def cpu(run: Run) -> float:
    assert cpu_known(run.computations)
    spent = budget(run.computations)
    assert spent is not None
    return spent.cpu


def test_sleeping_on_a_cluster_is_waiting(cells: Notebook) -> None:
    run = cells.works("client.gather(client.map(sleep, [0.2] * 2, pure=False))")
    assert cpu(run) < 0.02


def test_spinning_on_a_cluster_is_cpu(cells: Notebook) -> None:
    run = cells.works("client.gather(client.map(spin, [0.2] * 2, pure=False))")
    assert cpu(run) == pytest.approx(0.4, abs=0.02)


def test_tasks_of_one_name_are_measured_anew_in_each_cell(cells: Notebook) -> None:
    spinning = cells.works("client.submit(work, spin, 0.2, pure=False).result()")
    sleeping = cells.works("client.submit(work, sleep, 0.2, pure=False).result()")
    assert cpu(spinning) == pytest.approx(0.2, abs=0.02)
    assert cpu(sleeping) < 0.02


def test_computations_at_once_share_what_one_name_spent(cells: Notebook) -> None:
    run = cells.works("""
        first = client.map(work, [spin], [0.2], pure=False)
        second = client.map(work, [sleep], [0.2], pure=False)
        client.gather(first + second)
    """)
    assert len(run.computations) == 2
    spent = [sum(task.cpu or 0.0 for task in c.tasks) for c in run.computations]
    assert sum(spent) == pytest.approx(0.2, abs=0.03)


def test_a_task_that_erred_has_no_cpu_time_and_no_guess_in_its_place(cells: Notebook) -> None:
    run = cells.works("client.submit(lambda: 1 / 0).exception()")
    (task,) = run.computations[0].tasks
    assert task.status == "erred"
    assert task.cpu is None


def test_what_is_known_later_is_delivered_later(
    cells: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    late: list[tuple[Any, ...]] = []
    on_cpu = Link._on_cpu
    monkeypatch.setattr(Link, "_on_cpu", lambda *told: late.append(told))
    run = cells.works("client.submit(spin, 0.1, pure=False).result()")
    assert not cpu_known(run.computations)
    assert cells.late == []
    (told,) = late
    on_cpu(*told)
    told[0]._close_what_is_over()
    assert cpu(cells.await_late()) == pytest.approx(0.1, abs=0.02)


def test_many_workers_are_not_asked_but_their_heartbeats_waited_for() -> None:
    metrics = {("execute", "f", "thread-cpu", "seconds"): 5.0}
    scheduler = SimpleNamespace(
        workers={"w": SimpleNamespace(last_seen=0.0)}, cumulative_worker_metrics=metrics
    )
    told: list[Group] = []

    async def cell() -> None:
        probe = CpuProbe(scheduler, b"", list, told.append)
        probe.many = 0
        await probe.baseline()
        group = Group(1, [SimpleNamespace(prefix=SimpleNamespace(name="f"))], 0.0)
        group.ran_one("f", 2.0)
        probe.over(group)
        await probe.settle(0.01)
        assert (probe.pending, told) == (True, [])
        metrics["execute", "f", "thread-cpu", "seconds"] += 0.5
        metrics["execute", "f", "thread-noncpu", "seconds"] = 1.5
        scheduler.workers["w"].last_seen = time.time() + 1
        await probe.settle(5)

    asyncio.run(cell())
    assert [group.shares() for group in told] == [{"f": 0.25}]


def test_workers_that_do_not_measure_leave_it_unknown(
    notebook: Notebook, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook.stop()
    monkeypatch.setattr(cpu_probe, "worker_sums", answers_nothing)
    notebook.start()
    notebook.variables["client"] = client
    run = notebook.works("client.submit(abs, -1, pure=False).result()")
    assert [task.cpu for task in run.computations[0].tasks] == [None]


def answers_nothing(dask_worker: Any) -> dict[str, list[float]]:  # noqa: ARG001 - distributed looks for the name
    """Stand in for a version of distributed without the metrics."""
    return {}


def test_what_a_worker_spent_before_is_not_counted() -> None:
    before, after = Reading(["w", "mute"]), Reading(["w", "mute", "new"])
    before.sums = {"w": {"f": [1.0, 1.0]}}
    after.sums = {"w": {"f": [2.0, 1.0]}, "mute": {"f": [9.0, 9.0]}, "new": {"f": [0.0, 1.0]}}
    assert after.since(before, ["f", "g"]) == {"f": 0.5}


def test_metrics_are_added_up_over_spans() -> None:
    metrics = {
        ("execute", "span", "f", "thread-cpu", "seconds"): 1.0,
        ("execute", "other", "f", "thread-cpu", "seconds"): 2.0,
        ("execute", "f", "thread-noncpu", "seconds"): 4.0,
        ("execute", "f", "disk-read", "seconds"): 8.0,
        "latency": 16.0,
    }
    assert sums_of(metrics) == {"f": [3.0, 4.0]}

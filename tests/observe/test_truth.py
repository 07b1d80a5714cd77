"""What is recorded is what the tasks themselves say happened."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import dask
import pytest
from distributed import Client
from miniature import Notebook

from dask_lens.record.computation import Computation

NAP = """
    import dask, time

    def nap(seconds, *before):
        start = time.time()
        time.sleep(seconds)
        return [(start, time.time()), *sum(before, [])]

    nap = dask.delayed(nap, pure=False)
"""

GRAPHS = {
    "independent sleeps": ("end = [nap(0.2) for _ in range(5)]", 5),
    "a chain": ("end = [nap(0.15, nap(0.2, nap(0.15)))]", 3),
    "a diamond": ("a = nap(0.2); end = [nap(0.2, nap(0.2, a), nap(0.3, a))]", 4),
    "skewed sleeps": ("end = [nap(s) for s in (0.6, 0.2, 0.15, 0.15)]", 4),
}
LOCAL = [(scheduler, workers) for scheduler in ("threads", "processes") for workers in (1, 3)]


def check(notebook: Notebook, computation: Computation, tasks: int) -> None:
    told = notebook.variables["told"]
    truth = {interval for one in told for interval in one}
    assert len(truth) == tasks == len(computation.tasks) == computation.n_tasks
    busy = sum(stop - start for start, stop in truth)
    assert computation.busy == pytest.approx(busy, rel=0.03)
    assert sum(task.duration for task in computation.tasks) == pytest.approx(busy, rel=0.03)
    wall = max(stop for _, stop in truth) - min(start for start, _ in truth)
    first = min(task.start for task in computation.tasks)
    last = max(task.stop for task in computation.tasks)
    assert last - first == pytest.approx(wall, rel=0.03, abs=0.05)
    assert first == pytest.approx(min(start for start, _ in truth), abs=0.1)
    assert computation.start <= first
    assert computation.stop is not None
    assert computation.stop >= last - 0.01
    assert all(task.exact for task in computation.tasks)


@pytest.mark.parametrize("graph", GRAPHS)
@pytest.mark.parametrize(("scheduler", "workers"), [("sync", 1), *LOCAL])
def test_local_schedulers_are_timed_from_inside(
    notebook: Notebook, graph: str, scheduler: str, workers: int
) -> None:
    build, tasks = GRAPHS[graph]
    notebook.works(NAP)
    with dask.config.set({"optimization.fuse.active": False}):
        computation = notebook.one(
            f"{build}\n"
            f"told = dask.compute(*end, scheduler={scheduler!r}, num_workers={workers},"
            " chunksize=1, optimize_graph=False)"
        )
    check(notebook, computation, tasks)
    assert computation.scheduler == scheduler
    assert computation.threads == workers
    assert all(task.cpu is not None and task.cpu < 0.1 for task in computation.tasks)
    assert computation.graph is not None
    assert set(computation.graph.keys) == {task.key for task in computation.tasks}


@pytest.fixture(scope="module", params=[1, 3])
def client(request: pytest.FixtureRequest) -> Iterator[Client]:
    with Client(
        n_workers=request.param, threads_per_worker=1, processes=False, dashboard_address=None
    ) as client:
        yield client


@pytest.mark.parametrize("graph", GRAPHS)
def test_distributed_is_timed_from_inside(notebook: Notebook, client: Client, graph: str) -> None:
    build, tasks = GRAPHS[graph]
    notebook.works(NAP)
    notebook.variables["client"] = client
    computation = notebook.one(
        f"{build}\ntold = client.gather(client.compute(end, optimize_graph=False))"
    )
    check(notebook, computation, tasks)
    assert computation.scheduler == "distributed"
    assert computation.threads == len(client.nthreads())
    assert computation.graph is not None
    assert set(computation.graph.keys) == {task.key for task in computation.tasks}


def test_a_cluster_of_processes_is_timed_from_inside(notebook: Notebook) -> None:
    notebook.works(NAP)
    computation = notebook.one("""
        from distributed import Client
        with Client(n_workers=2, threads_per_worker=1, dashboard_address=None) as client:
            told = dask.compute(*[nap(0.2) for _ in range(4)])
    """)
    check(notebook, computation, 4)
    assert computation.threads == 2
    assert len({task.worker for task in computation.tasks}) == 2


def test_four_sleeps_in_one_batch_of_processes_are_one_after_another(notebook: Notebook) -> None:
    notebook.works(NAP)
    computation = notebook.one(
        "told = dask.compute(*[nap(0.2) for _ in range(4)], scheduler='processes', num_workers=4)"
    )
    check(notebook, computation, 4)
    assert computation.chunksize == 6
    assert len({task.worker for task in computation.tasks}) == 1
    tasks = computation.tasks
    for task, after in itertools.pairwise(tasks):
        assert task.stop <= after.start
    active = tasks[-1].stop - tasks[0].start
    assert computation.busy / active == pytest.approx(1.0, abs=0.03)


def test_time_on_the_cpu_is_told_from_time_asleep(notebook: Notebook) -> None:
    computation = notebook.one("""
        import dask, time

        @dask.delayed
        def spin():
            end = time.thread_time() + 0.2
            while time.thread_time() < end:
                pass

        @dask.delayed
        def sleep():
            time.sleep(0.2)

        dask.compute(spin(), sleep(), scheduler="threads", num_workers=2)
    """)
    cpu = {task.prefix: task.cpu for task in computation.tasks}
    assert cpu["spin"] == pytest.approx(0.2, rel=0.03)
    assert cpu["sleep"] == pytest.approx(0, abs=0.02)


def test_a_task_of_another_process_that_waits_for_its_own_is_known_to_leave_its_thread(
    notebook: Notebook,
) -> None:
    run = notebook.works("""
        import time
        from distributed import Client, worker_client

        def outer(_):
            with worker_client() as inside:
                return inside.gather([inside.submit(time.sleep, 0.2)])

        with Client(n_workers=1, threads_per_worker=1, dashboard_address=None) as client:
            told = client.gather(client.map(outer, [1]))
    """)
    outer, inner = sorted(run.computations, key=lambda computation: computation.nested)
    assert inner.nested
    assert inner.away == outer.tasks[0].key

"""Distributed clients of every kind, and what becomes of them."""

from __future__ import annotations

import asyncio
import importlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from distributed import Client, LocalCluster
from miniature import Notebook, until

SMALL = {
    "n_workers": 1,
    "threads_per_worker": 2,
    "processes": False,
    "dashboard_address": None,
}


@pytest.fixture
def client() -> Iterator[Client]:
    with Client(**SMALL) as client:
        yield client


def on_scheduler(client: Client) -> tuple[list[str], list[str]]:
    def look(dask_scheduler: Any) -> tuple[list[str], list[str]]:
        return sorted(dask_scheduler.plugins), sorted(dask_scheduler.handlers)

    return client.run_on_scheduler(look)


@pytest.mark.parametrize(
    ("call", "tasks"),
    [
        ("client.submit(abs, -1).result()", 1),
        ("client.gather(client.map(abs, range(-4, 0)))", 4),
        ("client.compute(total).result()", None),
        ("client.gather(client.persist(total).__dask_keys__() and client.compute(total))", None),
        ("wait(client.persist(total))", None),
        ("total.compute()", None),
        ("dask.compute(total, total)", None),
        ("wait(dask.persist(total))", None),
        ("wait(total.persist())", None),
        ("client.get({'x': (abs, -1)}, 'x')", 1),
        ("bag.compute()", None),
        ("client.gather(client.compute([total, bag.sum()]))", None),
    ],
)
def test_every_way_to_submit_is_seen(
    notebook: Notebook, client: Client, call: str, tasks: int | None
) -> None:
    notebook.variables["client"] = client
    notebook.works("""
        import dask, dask.array, dask.bag
        from distributed import wait
        total = dask.array.ones(8, chunks=2).sum()
        bag = dask.bag.from_sequence(range(4), npartitions=2).map(abs)
    """)
    run = notebook.works(call)
    assert run.computations
    for computation in run.computations:
        assert computation.scheduler == "distributed"
        assert computation.status == "finished"
        assert computation.threads == 2
        assert computation.n_tasks == len(computation.tasks)
        assert computation.tasks or computation.dropped
        assert computation.place is not None
        assert [worker.nthreads for worker in computation.workers] == [2]
    if tasks is not None:
        assert sum(computation.n_tasks for computation in run.computations) == tasks


def test_data_frames_are_seen(notebook: Notebook, client: Client) -> None:
    pytest.importorskip("pandas")
    notebook.variables["client"] = client
    run = notebook.works("""
        import dask.datasets
        frame = dask.datasets.timeseries(end="2000-01-04", freq="1h")
        frame.groupby("name").x.mean().compute()
    """)
    assert run.computations[0].n_tasks > 3


def test_a_client_made_used_and_closed_in_one_cell_is_seen(notebook: Notebook) -> None:
    computation = notebook.one("""
        import time
        from distributed import LocalCluster
        with LocalCluster(n_workers=1, threads_per_worker=2, processes=False,
                          dashboard_address=None) as cluster, cluster.get_client() as client:
            client.gather(client.map(time.sleep, [0.1] * 4, pure=False))
    """)
    assert computation.status == "finished"
    assert computation.n_tasks == 4


def test_a_cluster_closed_before_its_client_is_seen(notebook: Notebook) -> None:
    computation = notebook.one(f"""
        from distributed import LocalCluster
        cluster = LocalCluster(**{SMALL})
        client = cluster.get_client()
        client.submit(abs, -1).result()
        cluster.close()
        client.close()
    """)
    assert computation.n_tasks == 1


def test_distributed_may_come_after_us() -> None:
    code = f"""
import sys
from dask_lens.observe.observer import Observer
from dask_lens.record.cell import Cell
observer = Observer(print)
observer.start()
assert "distributed" not in sys.modules
observer.begin(Cell(""))
from distributed import Client
with Client(**{SMALL}) as client:
    client.submit(abs, -1).result()
run = observer.end()
observer.stop()
assert not any("dask_lens" in type(finder).__module__ for finder in sys.meta_path)
print([computation.n_tasks for computation in run.computations])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert done.stdout == "[1]\n", done.stderr


def test_two_clients_of_one_scheduler_are_kept_apart(notebook: Notebook, client: Client) -> None:
    with Client(client.scheduler.address, set_as_default=False) as other:
        notebook.variables.update(client=client, other=other)
        run = notebook.works("""
            client.submit(abs, -1).result()
            client.gather(client.map(abs, range(-3, 0), pure=False))
            other.gather(other.map(abs, range(-2, 0), pure=False))
        """)
        assert [c.n_tasks for c in run.computations] == [1, 3, 2]


def test_the_scheduler_is_left_as_it_was(client: Client) -> None:
    before = on_scheduler(client)
    notebook = Notebook()
    notebook.variables["client"] = client
    notebook.start()
    notebook.works("client.submit(abs, -1).result()")
    assert len(on_scheduler(client)[0]) == len(before[0]) + 1
    notebook.stop()
    assert on_scheduler(client) == before


def test_a_closed_client_takes_its_plugin_along(notebook: Notebook, client: Client) -> None:
    before = on_scheduler(client)
    with Client(client.scheduler.address, set_as_default=False) as other:
        notebook.variables["other"] = other
        notebook.works("other.submit(abs, -1).result()")
    until(lambda: len(on_scheduler(client)[0]) == len(before[0]) + 1)  # that of ``client``


def test_tasks_submitted_inside_tasks_are_nested(notebook: Notebook) -> None:
    with Client(n_workers=2, threads_per_worker=1, dashboard_address=None) as client:
        notebook.variables["client"] = client
        run = notebook.works("""
            from distributed import worker_client

            def outer():
                with worker_client() as inside:
                    return inside.gather(inside.map(abs, [-7, -8]))

            client.submit(outer).result()
        """)
    outer, inner = run.computations
    assert [task.prefix for task in outer.tasks] == ["outer"]
    assert (outer.nested, inner.nested) == (False, True)
    assert [task.prefix for task in inner.tasks] == ["abs", "abs"]


def test_a_future_that_a_task_returned_is_known_by_its_type(notebook: Notebook) -> None:
    with Client(n_workers=1, threads_per_worker=1, dashboard_address=None) as client:
        notebook.variables["client"] = client
        run = notebook.works("""
            from distributed import get_client

            def load():
                return get_client().scatter(1)

            future = client.submit(load)
            inner = future.result()
            several = [client.submit(load, pure=False).result()]
        """)
        assert notebook.works("inner = inner").unbound_futures == ()
    typenames = {task.typename for c in run.computations for task in c.tasks}
    assert typenames == {"distributed.client.Future"}
    assert [unbound.name for unbound in run.unbound_futures] == ["inner", "several"]


def test_a_task_that_errs_is_recorded(notebook: Notebook, client: Client) -> None:
    notebook.variables["client"] = client
    run = notebook.cell("""
        bad = client.submit(divmod, 1, 0)
        never = client.submit(abs, bad)
        never.result()
    """)
    assert run.error == "ZeroDivisionError"
    assert [c.status for c in run.computations] == ["erred", "erred"]
    assert [(c.n_tasks, [t.status for t in c.tasks]) for c in run.computations] == [
        (1, ["erred"]),
        (0, []),
    ]


def test_tasks_that_are_cancelled_end_the_computation(notebook: Notebook, client: Client) -> None:
    notebook.variables["client"] = client
    run = notebook.works("""
        import time
        futures = client.map(time.sleep, [0.2] * 6, pure=False)
        client.cancel(futures)
    """)
    assert len(run.computations) == 1
    until(lambda: not notebook.observer.busy.is_set())


def test_a_client_closed_with_tasks_under_way_says_so(notebook: Notebook) -> None:
    with Client(**SMALL) as client:
        notebook.variables["client"] = client
        notebook.works("import time\nfuture = client.submit(time.sleep, 1)")
    late = notebook.await_late()
    assert late.computations[0].status != "open"


def test_a_scheduler_that_dies_ends_the_computation(notebook: Notebook) -> None:
    cluster = LocalCluster(**SMALL)
    client = Client(cluster)
    try:
        notebook.variables["client"] = client
        notebook.works("import time\nfuture = client.submit(time.sleep, 1)")
    finally:
        cluster.close()
        client.close()
    assert notebook.await_late().computations[0].status != "open"
    assert not notebook.observer.busy.is_set()


def test_workers_that_join_and_leave_are_known(notebook: Notebook) -> None:
    with LocalCluster(**SMALL) as cluster, Client(cluster) as client:
        notebook.variables.update(client=client, cluster=cluster)
        computation = notebook.one("""
            import time
            futures = client.map(time.sleep, [0.1] * 12, pure=False)
            cluster.scale(2)
            client.wait_for_workers(2)
            client.gather(futures)
        """)
    joined = sorted(computation.workers, key=lambda worker: worker.joined or 0)
    assert [worker.joined is None for worker in joined] == [True, False]
    assert computation.threads == 4


def test_asynchronous_clients_are_seen(notebook: Notebook) -> None:
    async def cell() -> None:
        async with Client(asynchronous=True, **SMALL) as client:
            notebook.variables["client"] = client
            first = notebook.works("future = client.map(abs, range(-3, 0))")
            await client.gather(notebook.variables["future"])
            await asyncio.sleep(0.3)
            assert first.computations
            run = notebook.works("more = client.map(abs, range(-9, -5))")
            await client.gather(notebook.variables["more"])
            assert len(run.computations) == 1

    asyncio.run(cell())
    until(lambda: len(notebook.late) >= 2)
    assert [run.computations[0].n_tasks for run in notebook.late] == [3, 4]


def test_a_scheduler_without_this_package_can_be_observed(
    notebook: Notebook, tmp_path: Path
) -> None:
    (tmp_path / "without.py").write_text("import sys\nsys.modules['dask_lens'] = None\n")
    address = tmp_path / "scheduler.json"
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "distributed.cli.dask_scheduler", "--port", "0"),
            *("--no-dashboard", "--preload", str(tmp_path / "without.py")),
            *("--scheduler-file", str(address)),
        ],
        stderr=subprocess.DEVNULL,
    )
    worker = None
    try:
        until(address.exists)
        time.sleep(0.2)
        worker = subprocess.Popen(
            [
                *(sys.executable, "-m", "distributed.cli.dask_worker", "--nthreads", "1"),
                *("--scheduler-file", str(address), "--no-dashboard", "--no-nanny"),
                *("--preload", str(tmp_path / "without.py")),
            ],
            stderr=subprocess.DEVNULL,
        )
        with Client(scheduler_file=str(address), timeout=30) as client:
            client.wait_for_workers(1, timeout=60)
            notebook.variables["client"] = client
            computation = notebook.one("client.gather(client.map(abs, range(-3, 0)))")
            assert computation.n_tasks == 3
            assert all(task.cpu is not None for task in computation.tasks)
            computation = notebook.one("""
                def loud(x):
                    import warnings
                    warnings.warn("loud")
                client.submit(loud, 1).result()
            """)
            assert [told.message for told in computation.warnings] == ["loud"]
            for run in (client.run_on_scheduler, client.run):
                with pytest.raises(Exception, match="import of dask_lens halted"):
                    run(importlib.import_module, "dask_lens")
    finally:
        for started in (worker, process):
            if started is not None:
                started.terminate()
                started.wait()


def test_a_scheduler_that_refuses_the_plugin_is_named(
    faulty: Notebook, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(dask_scheduler: Any) -> None:
        def handler(**_: Any) -> None:
            raise PermissionError("plugins are not allowed here")

        dask_scheduler.handlers["register_scheduler_plugin"] = handler

    with Client(client.scheduler.address, set_as_default=False) as other:
        client.run_on_scheduler(refuse)
        faulty.stop()
        faulty.start()
        faulty.variables["other"] = other
        run = faulty.works("assert other.submit(abs, -1).result() == 1")
        assert [entry.name for entry in run.not_judged] == ["distributed-tasks"]
        assert "not allowed here" in run.not_judged[0].reason
        (computation,) = run.computations
        (task,) = computation.tasks
        assert (task.prefix, task.status, computation.n_tasks) == ("abs", "memory", 1)
        assert computation.start - 0.05 <= task.start <= task.stop
        assert computation.threads == 2
        assert computation.graph is None
        run = faulty.works("other.submit(lambda: 1 / 0).exception()")
        assert [c.status for c in run.computations] == ["erred"]
        faulty.works("assert other.submit(abs, -2).result() == 2")
        until(lambda: not faulty.observer.busy.is_set())
    assert sum("not allowed here" in message for message in caplog.messages) <= 2


def test_no_message_of_the_plugin_is_large_and_its_memory_is_bounded(client: Client) -> None:
    from dask_lens.observe.scheduler_plugin import LensPlugin  # noqa: PLC0415 - late

    plugin = LensPlugin(client.id, "watched", max_tasks=300, max_graph=500)
    plugin.max_owned = 1000

    async def add() -> None:
        plugin.begin(client.cluster.scheduler)
        client.cluster.scheduler.add_plugin(plugin, name="watched")

    client.sync(add)
    client.gather(client.map(abs, range(2000), pure=False))
    client.gather(client.map(abs, range(400), pure=False, key="x" * 150))
    until(lambda: not plugin.groups)
    assert len(plugin.events) < 1000
    assert not plugin.owner
    after = 0
    kinds = []
    ran: list[int] = []
    while True:
        answer = plugin.answer(after=after)
        assert len(str(answer)) < 65_536
        kinds += [event[0] for event in answer["events"]]
        ran += [event[3] for event in answer["events"] if event[0] == "closed"]
        after = answer["next"]
        if not answer["more"]:
            break
    assert kinds.count("closed") == 2
    assert ran == [2000, 400], "those too many to know one by one are counted, too"
    assert kinds.count("task") <= 800
    plugin.answer(after=after, leave=True)
    assert "watched" not in on_scheduler(client)[0]

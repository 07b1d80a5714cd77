"""Where the thread-seconds of real runs went, against graphs of known truth."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from distributed import Client, LocalCluster
from miniature import Notebook, until

from dask_lens.metrics.accounts import Budget
from dask_lens.metrics.losses import budget
from dask_lens.record.run import Run

WORK = """
    import dask, time
    from distributed import wait

    @dask.delayed(pure=False)
    def nap(seconds, *before):
        time.sleep(seconds)

    @dask.delayed(pure=False)
    def spin(seconds, *before):
        end = time.thread_time() + seconds
        while time.thread_time() < end:
            pass

    def make(seconds):
        time.sleep(seconds)
"""


def spent(run: Run) -> dict[str, float]:
    """Return the accounts of a run, after seeing that they add up."""
    found = budget(run.computations)
    assert found is not None
    accounts = {f.name: getattr(found, f.name) for f in fields(Budget)}
    total = accounts.pop("total")
    assert sum(accounts.values()) == pytest.approx(total, rel=1e-3)
    assert min(accounts.values()) >= 0
    return accounts


def near(seconds: float) -> Any:
    """Allow for a machine that is busy with other tests."""
    return pytest.approx(seconds, rel=0.1, abs=0.1)


@contextmanager
def local_threads() -> Iterator[Client]:
    with Client(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address=":0"
    ) as client:
        yield client


@contextmanager
def local_processes() -> Iterator[Client]:
    with Client(n_workers=2, threads_per_worker=1, dashboard_address=":0") as client:
        yield client


@contextmanager
def over_tcp(folder: Path) -> Iterator[Client]:
    """Start a scheduler and two workers from the shell."""
    address = folder / "scheduler.json"

    def dask(*command: str) -> subprocess.Popen[bytes]:
        options = ["--scheduler-file", str(address), "--no-dashboard"]
        return subprocess.Popen(
            [sys.executable, "-m", "dask", *command, *options], stderr=subprocess.DEVNULL
        )

    started = [dask("scheduler", "--port", "0")]
    try:
        until(address.exists)
        started += [dask("worker", "--nthreads", "1") for _ in range(2)]
        with Client(scheduler_file=str(address), timeout=30) as client:
            client.wait_for_workers(2, timeout=60)
            yield client
    finally:
        for process in reversed(started):  # workers without a scheduler look for it long
            process.terminate()
            process.wait()


@pytest.fixture(scope="module", params=["threads", "processes", "tcp"])
def client(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Client]:
    kinds: dict[str, Callable[[], Any]] = {
        "threads": local_threads,
        "processes": local_processes,
        "tcp": lambda: over_tcp(tmp_path_factory.mktemp("cluster")),
    }
    with kinds[request.param]() as client:
        yield client


def test_a_straggler_on_a_cluster(notebook: Notebook, client: Client) -> None:
    notebook.works(WORK)
    notebook.variables["client"] = client
    run = notebook.works("dask.compute(nap(0.8), nap(0.3), scheduler=client)")
    accounts = spent(run)
    assert accounts["waiting"] == near(1.1)
    assert accounts["tail"] == near(0.5)
    assert accounts["cpu"] < 0.05


def test_a_chain_on_a_cluster(notebook: Notebook, client: Client) -> None:
    notebook.works(WORK)
    notebook.variables["client"] = client
    run = notebook.works("dask.compute(spin(0.2, nap(0.3, nap(0.3))), scheduler=client)")
    accounts = spent(run)
    assert accounts["waiting"] >= 0.59
    assert accounts["cpu"] == near(0.2)
    assert accounts["dependencies"] == near(0.6)


def test_pauses_between_submits_are_the_clients(notebook: Notebook, client: Client) -> None:
    notebook.works(WORK)
    notebook.variables["client"] = client
    run = notebook.works("""
        futures = []
        for i in range(3):
            futures.append(client.submit(make, 0.1, key=f"make-{i}"))
            time.sleep(0.4)
        wait(futures)
        del futures
    """)
    accounts = spent(run)
    assert accounts["waiting"] == near(0.3)
    assert accounts["client"] == near(2 * 2 * 0.3)
    assert accounts["scheduling"] < 0.1


@pytest.mark.parametrize(
    ("scheduler", "tail"), [("sync", 0.0), ("threads", 0.3), ("processes", 0.0)]
)
def test_local_schedulers(notebook: Notebook, scheduler: str, tail: float) -> None:
    notebook.works(WORK)
    how = f"scheduler={scheduler!r}, num_workers=2, chunksize=1"
    found = spent(notebook.works(f"dask.compute(nap(0.5), nap(0.2), {how})"))
    assert found["waiting"] == near(0.7)
    if scheduler == "processes":
        assert found["scheduling"] > 0.1, "starting processes takes its time, each its own"
    else:
        assert found["tail"] == near(tail)
    found = spent(notebook.works(f"dask.compute(spin(0.2), {how})"))
    assert found["cpu"] == near(0.2)


def test_workers_that_come_and_go_count_while_they_are_there(notebook: Notebook) -> None:
    notebook.works(WORK)
    with (
        LocalCluster(
            n_workers=1, threads_per_worker=1, processes=False, dashboard_address=":0"
        ) as cluster,
        Client(cluster) as client,
    ):
        notebook.variables.update(client=client, cluster=cluster)
        run = notebook.works("""
            futures = client.map(make, [0.2] * 8, pure=False)
            time.sleep(0.3)
            cluster.scale(2)
            client.wait_for_workers(2)
            time.sleep(0.4)
            cluster.scale(1)
            wait(futures)
        """)
    spent(run)
    (computation,) = run.computations
    whole = budget([computation])
    assert whole is not None
    assert computation.stop is not None
    active = computation.stop - computation.start
    assert active < whole.total < 2 * active
    assert any(worker.joined is not None for worker in computation.workers)

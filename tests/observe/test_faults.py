"""Whatever breaks in the observer, the user's cell does not notice."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import time
from collections.abc import Iterator
from typing import Any

import dask
import pytest
from distributed import Client
from miniature import Notebook, until

from dask_lens.observe import (
    asked,
    asked_clients,
    clients,
    cpu_probe,
    distributed_computation,
    facts,
    group,
    jobs,
    journal,
    link,
    local,
    local_computation,
    made,
    meter,
    namespace,
    notes,
    on_import,
    places,
    progress,
    scheduler_plugin,
    sites,
    stamps,
    submission,
)

CELL = """
    import dask
    from dask import delayed

    def add(x, y):
        return x + y

    got = []
    for scheduler in schedulers:
        got += dask.compute(
            *[delayed(add)(i, delayed(add)(1, 2)) for i in range(3)], scheduler=scheduler,
            num_workers=1,
        )
        if scheduler == "processes":
            continue
        try:
            delayed(add)(1, "x").compute(scheduler=scheduler)
        except TypeError:
            got.append("TypeError")
    with dask.config.set(num_workers=2):
        got.append([client.submit(add, 3, 4) for _ in range(2)][-1].result())
"""
GOT = [*([3, 4, 5, "TypeError"] * 3), 7]

HOOKS: list[tuple[Any, str]] = [
    (local.LocalSchedulers, "open"),
    (local, "_scheduler"),
    (local, "runs_a_task"),
    (local_computation.LocalComputation, "__init__"),
    (local_computation.LocalComputation, "callbacks"),
    (local_computation.LocalComputation, "close"),
    (local_computation.LocalComputation, "snapshot"),
    (local_computation.LocalComputation, "_find_erred"),
    (jobs.Jobs, "sent"),
    (jobs.Jobs, "returned"),
    (stamps, "note_erred"),
    (places.Cells, "locate"),
    (places.Cells, "spot"),
    (made.Made, "layers"),
    (made.Made, "placed"),
    (journal.Journal, "open"),
    (journal.Journal, "close"),
    (journal.Journal, "recording_of"),
    (namespace.Namespace, "unbound_futures"),
    (asked.Asked, "_compute"),
    (asked.Asked, "_delayed"),
    (asked.Asked, "_setting"),
    (asked, "Choice"),
    (asked, "collection_facts"),
    (asked_clients.AskedClients, "graph"),
    (asked_clients.AskedClients, "sent"),
    (asked_clients.AskedClients, "_submitted"),
    (asked_clients.AskedClients, "_repeated"),
    (facts.Facts, "function"),
    (facts.Facts, "arguments"),
    (notes.Note, "again"),
    (notes.Note, "call"),
    (notes.Notes, "of"),
    (sites.Sites, "note"),
    (clients.Clients, "_expect"),
    (clients.Clients, "_sent"),
    (clients.Clients, "_link"),
    (clients, "sample"),
    (link.Link, "register"),
    (link.Link, "drain"),
    (link.Link, "_take_in"),
    (link.Link, "_on_task"),
    (link.Link, "_absorb"),
    (submission, "by_value"),
    (distributed_computation.DistributedComputation, "add_task"),
    (distributed_computation.DistributedComputation, "snapshot"),
    (on_import.OnImport, "look"),
    (progress.Progress, "look"),
    (cpu_probe.CpuProbe, "over"),
    (cpu_probe.CpuProbe, "_read"),
    (cpu_probe.CpuProbe, "settle"),
    (group.Group, "learn"),
    (meter.Meter, "accounts"),
    (scheduler_plugin.LensPlugin, "begin"),
    (scheduler_plugin.LensPlugin, "update_graph"),
    (scheduler_plugin.LensPlugin, "transition"),
    (scheduler_plugin.LensPlugin, "answer"),
]


@pytest.fixture(autouse=True)
def quick() -> Iterator[None]:
    """Fork the processes of all cells from one that has imported Dask; wait for nobody long."""
    multiprocessing.set_forkserver_preload(["dask.multiprocessing"])
    settings = {"multiprocessing.context": "forkserver", "dask-lens.observe.timeout": "0.5 s"}
    with dask.config.set(settings):
        yield


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with Client(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None
    ) as client:
        yield client


def raises(*_: Any, **__: Any) -> None:
    raise ZeroDivisionError("made to fail")


def rubbish(*_: Any, **__: Any) -> str:
    return "rubbish"


@pytest.mark.parametrize(
    ("owner", "name", "fault"),
    [
        pytest.param(owner, name, fault, id=f"{owner.__name__}.{name} {fault.__name__}")
        for owner, name in HOOKS
        for fault in (raises, rubbish)
        if (name, fault) != ("__init__", rubbish)  # Python itself minds
    ],
)
def test_a_hook_that_fails_costs_the_user_nothing(
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    owner: Any,
    name: str,
    fault: Any,
) -> None:
    notebook = Notebook()
    notebook.variables["client"] = client
    monkeypatch.setattr(owner, name, fault)
    notebook.start()
    try:
        for extra in ([], ["processes"]):
            notebook.variables["schedulers"] = [*extra, "sync", "threads", None]
            notebook.cell(CELL)
            assert notebook.error is None
            assert notebook.variables["got"] == [3, 4, 5] * len(extra) + GOT
            notebook.observer.current()
            notebook.observer.live()
    finally:
        notebook.stop()
    if owner is not journal.Journal:  # which alone knows when all is over
        until(lambda: not notebook.observer.busy.is_set())
    warnings = [
        record.getMessage()
        for record in caplog.records
        if record.name == "dask_lens" and record.levelno >= logging.WARNING
    ]
    assert len(warnings) == len(set(warnings)), "each is said once"


def test_a_broken_part_is_off_and_named_and_the_others_go_on(
    faulty: Notebook,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    faulty.variables["client"] = client
    monkeypatch.setattr(local.LocalSchedulers, "open", raises)
    for _ in range(2):
        run = faulty.works("""
            import dask
            dask.delayed(abs)(-1).compute(scheduler="sync")
            client.submit(abs, -1, pure=False).result()
        """)
        assert [entry.name for entry in run.not_judged] == ["observe-local schedulers"]
        assert [computation.scheduler for computation in run.computations] == ["distributed"]
    assert sum("turned off" in message for message in caplog.messages) == 1
    monkeypatch.undo()
    faulty.stop()
    faulty.start()
    run = faulty.works("dask.delayed(abs)(-1).compute(scheduler='sync')")
    assert run.not_judged == ()
    assert len(run.computations) == 1


def test_a_scheduler_that_does_not_answer_holds_nobody_up(
    faulty: Notebook, client: Client
) -> None:
    with Client(client.scheduler.address, set_as_default=False) as other:
        faulty.variables["other"] = other
        faulty.works("other.submit(abs, -1, pure=False).result()")
        handlers = client.cluster.scheduler.handlers

        async def never(**_: Any) -> None:
            await asyncio.Event().wait()

        for name in [name for name in handlers if name.startswith("dask-lens-")]:
            handlers[name] = never
        started = time.monotonic()
        faulty.works("other.submit(abs, -2, pure=False).result()")
        assert time.monotonic() - started < 5
        assert faulty.observer.live().running >= 0
        until(lambda: not faulty.observer.busy.is_set())

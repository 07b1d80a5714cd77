"""The scheduler's half comes when work is under way already."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from distributed import Client, LocalCluster
from miniature import Notebook

from dask_lens.observe.link import Link


def test_a_plugin_that_comes_late_matches_only_what_was_there(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    register, drain = Link._register, Link.drain
    is_sent, may_look = threading.Event(), threading.Event()

    async def becomes(true: Callable[[], object]) -> None:
        while not true():  # noqa: ASYNC110 - it is true of Dask's things, which set no event
            await asyncio.sleep(0.01)

    async def register_later(link: Link, *given: Any) -> None:
        await becomes(is_sent.is_set)
        await register(link, *given)

    def drain_later(link: Link, *given: Any, **named: Any) -> bool:
        return may_look.is_set() and drain(link, *given, **named)

    async def cells(cluster: LocalCluster) -> None:
        scheduler = cluster.scheduler
        async with Client(cluster.scheduler_address, asynchronous=True) as client:
            notebook.variables.update(client=client, nap=time.sleep)
            notebook.works("before = client.submit(nap, 0.6, pure=False)")
            await becomes(lambda: scheduler.tasks)
            is_sent.set()
            await becomes(lambda: any(name.startswith("dask-lens") for name in scheduler.plugins))
            notebook.works("after = client.submit(nap, 0.5, pure=False)")
            await becomes(lambda: len(scheduler.tasks) == 2)
            may_look.set()
            await client.gather([notebook.variables["before"], notebook.variables["after"]])
            await becomes(lambda: len(notebook.late) >= 2)

    monkeypatch.setattr(Link, "_register", register_later)
    monkeypatch.setattr(Link, "drain", drain_later)
    with LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None
    ) as cluster:
        asyncio.run(cells(cluster))
    assert [[c.n_tasks for c in run.computations] for run in notebook.late] == [[1], [1]]
    assert [run.not_judged for run in notebook.late] == [(), ()]

"""While tasks run, every thread-second so far is in one account; later the guesses are none."""

from __future__ import annotations

import time
from dataclasses import fields

import pytest
from distributed import Client
from miniature import Notebook, until

from dask_lens.metrics.accounts import Budget
from dask_lens.metrics.losses import budget
from dask_lens.record.live import Live

NAMES = {f.name for f in fields(Budget)} | {"tasks"}

SETUP = """
    import dask, threading, time
    from distributed import Client

    def nap(seconds):
        time.sleep(seconds)

    naps = [dask.delayed(nap)(0.3, dask_key_name=f"nap-{i}") for i in range(6)]

    def in_the_background(**how):
        thread = threading.Thread(target=lambda: dask.compute(*naps, **how))
        thread.start()
"""


def watch(notebook: Notebook) -> list[Live]:
    """Look at the gauge, as the page does, until nothing runs."""
    seen = []
    until(notebook.observer.busy.is_set)
    while notebook.observer.busy.is_set():
        seen.append(notebook.observer.live())
        time.sleep(0.05)
    return [live for live in seen if live.accounts]


def check(seen: list[Live]) -> None:
    assert len(seen) > 3
    for live in seen:
        assert live.accounts.keys() == NAMES
        parts = sum(spent for name, spent in live.accounts.items() if name != "total")
        assert parts == pytest.approx(live.accounts["total"], rel=1e-3, abs=1e-4)
        assert min(live.accounts.values()) >= -1e-9
    totals = [live.accounts["total"] for live in seen]
    assert totals == sorted(totals)


def test_when_nothing_runs_there_are_no_accounts(notebook: Notebook) -> None:
    assert notebook.observer.live().accounts == {}


@pytest.mark.parametrize("scheduler", ["sync", "threads", "processes"])
def test_local_schedulers_tell_where_time_went_so_far(notebook: Notebook, scheduler: str) -> None:
    notebook.works(SETUP)
    notebook.works(f"in_the_background(scheduler={scheduler!r}, num_workers=2, chunksize=1)")
    seen = watch(notebook)
    check(seen)
    in_the_end = budget(notebook.await_late().computations)
    assert in_the_end is not None
    last = seen[-1].accounts
    inside = last["cpu"] + last["waiting"] + last["tasks"]
    assert inside == pytest.approx(in_the_end.cpu + in_the_end.waiting, rel=0.2, abs=0.15)
    assert last["waiting"] >= 0.55, "known of the tasks that have come back"
    if scheduler != "processes":  # whose first tasks may have come back before the first look
        assert seen[0].accounts["waiting"] == 0, "not known of those that have not"


def test_clusters_tell_where_time_went_so_far(notebook: Notebook) -> None:
    notebook.works(SETUP)
    with Client(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None
    ) as client:
        notebook.variables["client"] = client
        notebook.works("in_the_background(scheduler=client)")
        seen = watch(notebook)
        check(seen)
        in_the_end = budget(notebook.await_late().computations)
    assert in_the_end is not None
    last = seen[-1].accounts
    inside = last["cpu"] + last["waiting"] + last["tasks"]
    assert inside == pytest.approx(in_the_end.cpu + in_the_end.waiting, rel=0.25, abs=0.15)


def test_the_time_until_a_graph_reaches_its_scheduler_is_the_clients(notebook: Notebook) -> None:
    notebook.works(SETUP)
    with Client(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None
    ) as client:
        notebook.variables["client"] = client
        notebook.works("dask.compute(naps[0], scheduler=client)")
        notebook.works("""
            client.loop.add_callback(time.sleep, 0.6)
            time.sleep(0.05)
            in_the_background(scheduler=client)
        """)
        seen = watch(notebook)
        check(seen)
        notebook.await_late()
    for live in seen:
        assert live.accounts["client"] >= 2 * 0.4
        assert live.accounts["total"] == pytest.approx(2 * live.elapsed, abs=2 * 0.3)

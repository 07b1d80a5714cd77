"""No run is handed what an earlier one, or the user, has computed; what it reads stays."""

from __future__ import annotations

import gc
import sys
from types import SimpleNamespace

import dask
import dask.array
import dask.callbacks
import pytest
from dask.local import get_sync
from distributed import Client, wait

import dask_lens
from dask_lens.compare import fresh
from dask_lens.compare.engine import Plan, compare
from dask_lens.compare.variant import setting, variants
from dask_lens.compare.workload import Workload

#: Warm-up and rounds.
RUNS = 1 + 2


@pytest.fixture(scope="module")
def client():
    with Client(n_workers=1, threads_per_worker=2, processes=False, dashboard_address=":0") as one:
        yield one


#: What was worked on, by workers within this process.
SEEN = []


def work(x, *_):
    SEEN.append(x)
    return x


@pytest.fixture
def seen():
    del SEEN[:]
    return SEEN


def run(code, scheduler="distributed", rounds=RUNS - 1, **names):
    """Compare one cell under one scheduler; return the row."""
    rows = variants([None], [setting(scheduler)])
    plan = Plan(rounds=rounds, observe=dask_lens.observe)
    found, _ = compare({None: Workload(code)}, rows, {"dask": dask, "wait": wait, **names}, plan)
    assert found.rows[0].error is None
    assert found.rows[0].reused == 0
    return found.rows[0]


@pytest.mark.usefixtures("client")
def test_persisted_data_is_read_and_not_made_again(seen):
    data = dask.array.ones((4,), chunks=2).map_blocks(work, dtype=float).persist()
    wait(data)
    del seen[:]
    assert run("(data + 1).sum().compute()", data=data).results_equal
    assert run("data.persist().sum().compute()", data=data).results_equal
    assert seen == []


def test_persisted_partitions_of_delayed_calls_are_read_and_not_made_again(client, seen):
    part = dask.delayed(work)(1).persist()
    wait(part)
    run("dask.delayed(sum)([part, part]).compute()", part=part, client=client)
    assert seen == [1]


@pytest.mark.parametrize("scheduler", ["distributed", "as-written"])
@pytest.mark.parametrize(
    "code",
    [
        "total.compute()",
        "x = total.persist()\nwait(x)",
        "client.compute(total).result()",
        "client.get(dict(total.__dask_graph__()), total.key)",
        "x = dask.delayed(abs)(total).compute()",
    ],
)
def test_what_the_user_holds_is_computed_all_the_same(client, seen, code, scheduler):
    total = dask.delayed(work)(7, dask_key_name="total")
    held = client.compute(total)
    assert held.result() == 7
    before = len(seen)
    run(code, scheduler, total=total, client=client)
    assert len(seen) == before + RUNS
    assert held.result() == 7


@pytest.mark.usefixtures("client")
def test_chunks_that_the_user_holds_are_computed_all_the_same(seen):
    blocks = dask.array.ones((4,), chunks=2).map_blocks(work, dtype=float)
    held = blocks.persist()
    wait(held)
    before = len(seen)
    assert run("blocks.sum().compute()", blocks=blocks).results_equal
    assert len(seen) == before + 2 * RUNS


@pytest.mark.parametrize(
    "code",
    [
        "client.submit(work, 1, key='mine').result()",
        "client.submit(work, 1).result()",
        "client.gather(client.map(work, [1]))",
        "client.gather(client.map(work, [1], key=['mine']))",
        "client.submit(work, 1, pure=True).result()",
    ],
)
def test_futures_that_the_user_holds_are_computed_all_the_same(client, seen, code):
    held = [client.submit(work, 1, key="mine"), client.submit(work, 1)]
    client.gather(held)
    del seen[:]
    run(code, client=client, work=work)
    assert seen == [1] * RUNS


def test_equal_calls_within_a_run_share_one_task_as_they_do_in_the_cell(client, seen):
    code = "fs = client.map(work, [1, 1, 2])\nclient.gather([*fs, client.submit(work, 1)])"
    run(code, client=client, work=work)
    # A submit and a map make their keys in different ways.
    assert len(seen) in (2 * RUNS, 3 * RUNS)


def test_what_a_run_persists_is_released_before_the_next(client, seen):
    blocks = dask.array.ones((4,), chunks=2).map_blocks(work, dtype=float, name="blocks")
    run("x = blocks.persist()\nwait(x)", blocks=blocks)
    assert len(seen) >= 2 * RUNS
    gc.collect()
    assert not [key for key in client.futures if "blocks" in str(key)]


def test_a_cache_of_the_user_answers_no_run_and_stays(seen, monkeypatch):
    class Kept:
        def start(self, _graph):
            raise AssertionError("it was asked")

    monkeypatch.setitem(sys.modules, "dask.cache", SimpleNamespace(Cache=Kept))
    with dask.callbacks.Callback(start=Kept().start):
        before = set(dask.callbacks.Callback.active)
        run("total.compute()", "sync", total=dask.delayed(work)(7))
        assert dask.callbacks.Callback.active == before
    assert len(seen) == RUNS


def test_everything_is_put_back(client):
    before = client.submit.__func__
    run("client.submit(abs, -1).result()", client=client)
    assert client.submit.__func__ is before
    assert not {"submit", "_graph_to_futures"} & vars(client).keys()
    assert dask.base.get_scheduler(scheduler="sync") is get_sync


def test_results_that_could_not_be_made_anew_are_warned_of(client, seen, monkeypatch):
    def strange(_graph):
        raise TypeError("a graph unlike all that are known")

    monkeypatch.setattr(fresh, "_tasks", strange)
    total = dask.delayed(work)(7, dask_key_name="total")
    held = client.compute(total)
    held.result()
    del seen[:]
    rows = variants([None], [setting("distributed")])
    found, _ = compare({None: Workload("total.compute()")}, rows, {"total": total}, Plan(rounds=1))
    assert found.rows[0].reused == 1
    assert found.warnings[0].startswith("distributed: 1 result ")
    assert "in the cluster's memory already" in found.warnings[0]
    assert seen == []

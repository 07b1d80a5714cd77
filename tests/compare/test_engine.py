"""Comparisons on real schedulers: the right order, fair keys, and nothing left behind."""

from __future__ import annotations

import importlib
import json
import os
import sys
import threading
import time
from pathlib import Path

import dask
import dask.multiprocessing
import psutil
import pytest
from distributed import Client

import dask_lens
from dask_lens.compare.engine import Plan, compare
from dask_lens.compare.opening import opened
from dask_lens.compare.variant import setting, variants
from dask_lens.compare.workload import Workload

NAP = 0.1


@pytest.fixture(scope="module")
def client():
    with Client(n_workers=1, threads_per_worker=2, processes=False, dashboard_address=":0") as one:
        yield one


def run(code, settings, names=None, **plan):
    """Compare one cell under several settings."""
    rows = variants([None], [setting(text) for text in settings])
    plan = Plan(**{"rounds": 3, "observe": dask_lens.observe, **plan})
    names = {"dask": dask, "time": time, "__name__": "__main__", **(names or {})}
    return compare({None: Workload(code)}, rows, names, plan)[0]


def naps(count):
    return [dask.delayed(time.sleep)(NAP) for _ in range(count)]


def by_name(comparison):
    return {row.name: row for row in comparison.rows}


def test_the_scheduler_is_set_around_a_cell_that_names_another():
    before = dask.base.get_scheduler
    code = "dask.compute(*naps, scheduler='processes', num_workers=4)"
    found = run(code, ["sync", "threads, workers=4"], {"naps": naps(4)}, rounds=5)
    sync, threads = found.rows
    assert sync.median == pytest.approx(4 * NAP, rel=0.3)
    assert threads.parallelism > 3
    assert sync.parallelism == pytest.approx(1, rel=0.1)
    assert found.recommended == "threads, workers=4"
    assert threads.results_equal
    assert dask.base.get_scheduler is before


def test_processes_are_timed_apart_from_their_start_up():
    code = "dask.compute(*naps, scheduler='processes', num_workers=2)"
    before = dask.multiprocessing.ProcessPoolExecutor
    found = run(code, ["as-written", "processes, workers=2, chunksize=1"], {"naps": naps(2)})
    written, single = found.rows
    assert written.median == pytest.approx(2 * NAP, rel=0.4)
    assert single.median < 1.7 * NAP
    assert min(written.startup, single.startup) > 0.05
    assert dask.multiprocessing.ProcessPoolExecutor is before
    assert not [p for p in psutil.Process().children() if "spawn_main" in " ".join(p.cmdline())]


def test_what_new_processes_import_for_their_tasks_is_part_of_their_start_up(
    tmp_path, monkeypatch
):
    wait = "import os, time\nif 'LATER' in os.environ:\n    time.sleep(1)\n"
    (tmp_path / "slow_to_import.py").write_text(f"{wait}\ndef work():\n    return 1")
    monkeypatch.syspath_prepend(tmp_path)
    slow = importlib.import_module("slow_to_import")
    monkeypatch.setenv("LATER", "1")
    path = f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
    monkeypatch.setenv("PYTHONPATH", path)
    names = {"tasks": [dask.delayed(slow.work)()], "naps": naps(1)}
    rows = ["processes, workers=1"]
    found = run("dask.compute(*tasks)", rows, names).rows[0]
    assert found.median < 0.5
    assert found.startup > 1
    assert found.waited == pytest.approx(found.median + found.startup)
    other = run("dask.compute(*naps)", rows, names).rows[0]
    assert other.startup < found.startup - 0.5


def test_no_earlier_result_stands_in_for_the_work(client, tmp_path):
    def work(x):
        (tmp_path / f"{time.time_ns()} {x}").touch()
        return x

    held = client.map(work, range(3))
    client.gather(held)
    assert len(list(tmp_path.iterdir())) == 3
    names = {"client": client, "work": work}
    run("client.gather(client.map(work, range(3)))", ["distributed"], names)
    assert len(list(tmp_path.iterdir())) == 3 + 3 * (1 + 3)
    assert client.submit.__kwdefaults__["pure"] is True


def test_futures_are_waited_for_and_their_results_compared(client):
    code = "futures = client.map(nap, [1, 2])"
    found = run(code, ["distributed"], {"client": client, "nap": lambda x: time.sleep(NAP) or x})
    assert found.rows[0].median > 0.9 * NAP
    assert found.rows[0].results_equal


def test_all_that_a_cell_does_on_a_cluster_is_observed_in_every_run(client):
    code = "dask.compute(*naps)\ndask.compute(*more)\nclient.submit(time.sleep, 0.1).result()"
    names = {"client": client, "naps": naps(2), "more": naps(2)}
    found = run(code, ["distributed"], names)
    row = found.rows[0]
    assert row.budget.cpu + row.budget.waiting == pytest.approx(5 * NAP, rel=0.3)
    assert row.cause


def test_a_cell_that_submits_cannot_run_on_threads(client):
    found = run("client.submit(abs, -1).result()", ["distributed", "threads"], {"client": client})
    threads = by_name(found)["threads"]
    assert threads.verdict == "failed"
    assert "client" in threads.error


def test_a_variant_that_raises_is_a_row_and_not_the_end():
    codes = {"good": Workload("x = 1"), "bad": Workload("1 / 0")}
    found, _ = compare(codes, variants(codes, [setting("as-written")]), {}, Plan(rounds=2))
    assert by_name(found)["bad"].verdict == "failed"
    assert by_name(found)["bad"].error == "ZeroDivisionError: division by zero"
    assert len(by_name(found)["good"].runs) == 2


def test_results_that_differ_are_told_and_not_recommended():
    found = dask_lens.compare(
        {"slow": lambda: time.sleep(0.02) or 1, "wrong": lambda: 2}, rounds=5
    )
    assert by_name(found)["wrong"].results_equal is False
    assert found.recommended == "slow"
    assert "results differ from those of slow: wrong" in found.warnings


def test_results_that_differ_from_run_to_run_cannot_be_compared():
    found = dask_lens.compare({"a": "time.perf_counter()", "b": "time.perf_counter()"}, rounds=5)
    assert any("differ from run to run" in text for text in found.warnings)


def test_equal_variants_are_about_the_same():
    same = {name: (lambda: time.sleep(0.02)) for name in ("one", "two")}
    found = dask_lens.compare(same, rounds=9)
    low, high = found.row("two").ratio.low, found.row("two").ratio.high
    assert low < 1.1
    assert high > 0.9
    assert found.to_dict()["variants"][1]["verdict"] == found.row("two").verdict


def test_the_time_set_ends_it_with_what_there_is():
    began = time.monotonic()
    found = dask_lens.compare({"long": lambda: time.sleep(0.1)}, rounds=500, max_time=2)
    assert time.monotonic() - began < 6
    assert 1 <= found.rounds < 25
    assert any("the time set was over" in text for text in found.warnings)


def test_a_run_that_never_ends_is_interrupted():
    found = dask_lens.compare({"stuck": lambda: threading.Event().wait(30)}, max_time=0.5)
    assert found.recommended is None
    assert found.rows[0].runs == ()


def test_an_interrupt_keeps_the_finished_rounds():
    rounds = iter(range(100))

    def impatient():
        if next(rounds) == 4:
            raise KeyboardInterrupt

    found = dask_lens.compare({"impatient": impatient}, rounds=50)
    assert found.rounds == len(found.rows[0].runs) == 3
    assert any("interrupted" in text for text in found.warnings)


def test_a_variant_that_hangs_is_a_row_and_the_others_have_their_time(tmp_path):
    code = "dask.compute(*tasks)"
    go_on = tmp_path / "on"
    tasks = [dask.delayed(hang_but_in_main)(str(go_on))]
    began = time.monotonic()
    found = run(code, ["threads, workers=1", "sync"], {"tasks": tasks}, max_time=3, rounds=2)
    go_on.touch()
    assert time.monotonic() - began < 10
    hung, sync = found.rows
    assert hung.verdict == "failed"
    assert "stopped after 1." in hung.error
    assert "raise max_time" in hung.error
    assert len(sync.runs) == 2
    assert sync.is_baseline
    assert found.recommended == "sync"


def hang_but_in_main(go_on):
    until = time.monotonic() + 30
    while threading.current_thread() is not threading.main_thread() and time.monotonic() < until:
        time.sleep(0.05)
        if Path(go_on).exists():
            break


def test_processes_that_hang_are_ended():
    tasks = [dask.delayed(time.sleep)(30)]
    names = {"tasks": tasks}
    began = time.monotonic()
    found = run("dask.compute(*tasks)", ["processes, workers=1"], names, max_time=2)
    assert time.monotonic() - began < 13
    assert found.rows[0].verdict == "failed"
    assert not [p for p in psutil.Process().children() if "spawn_main" in " ".join(p.cmdline())]


def test_a_cell_whose_workers_have_all_ended_is_a_row_that_says_so():
    with Client(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=":0"
    ) as client:
        names = {"client": client, "naps": naps(1)}
        code = "client.retire_workers([*client.nthreads()])\ndask.compute(*naps)"
        found = run(code, ["distributed", "sync"], names, max_time=4, rounds=1)
        hung, sync = found.rows
        assert "no worker is left" in hung.error
        assert len(sync.runs) == 1
        alone = run(code, ["distributed"], names, max_time=1, rounds=1)
        assert alone.rows[0].verdict == "failed"
        assert "no worker is left" in alone.rows[0].error
        assert any("the time set was over" in text for text in alone.warnings)


def test_a_cluster_that_comes_up_too_slowly_is_given_up_and_closed(tmp_path, monkeypatch):
    monkeypatch.setattr(sys.modules[opened.__module__], "GRACE", 0.1)
    slow = tmp_path / "slow.py"
    slow.write_text("import time\ntime.sleep(3)")
    began = time.monotonic()
    with dask.config.set({"distributed.worker.preload": [str(slow)]}):
        found = run(
            "dask.compute(*naps)", ["distributed, workers=1"], {"naps": naps(1)}, max_time=1
        )
    assert time.monotonic() - began < 2.8
    assert found.rows[0].error == "the time set was over before it was up"
    openings = [t for t in threading.enumerate() if t.name == "dask-lens-opening"]
    assert openings
    for thread in openings:
        thread.join(30)  # which closes the cluster
        assert not thread.is_alive()


def test_work_for_another_client_than_the_variants_is_no_measurement_of_it(client):
    def go():
        return client.submit(abs, -1).result()

    found = run("go()", ["distributed, workers=1", "distributed"], {"client": client, "go": go})
    assert "another client" in found.rows[0].error
    assert found.recommended == "distributed"


@pytest.mark.parametrize("elsewhere", ["threads", "distributed, workers=1"])
def test_data_that_a_client_holds_is_named_where_another_scheduler_cannot_read_it(
    client, elsewhere
):
    (held,) = dask.persist(dask.delayed(abs)(-1), scheduler=client)
    names = {"client": client, "total": dask.delayed(sum)([held, 1])}
    found = run("total.compute()", ["distributed", elsewhere], names, rounds=1)
    assert found.rows[0].error is None
    assert "only that client can" in found.rows[1].error


def test_the_order_is_shuffled_by_the_seed_and_every_variant_runs_each_round():
    def order(seed):
        seen = []
        codes = {name: (lambda name=name: seen.append(name)) for name in "abc"}
        dask_lens.compare(codes, rounds=4, seed=seed)
        return seen

    first = order(1)
    assert first == order(1) != order(2)
    assert [sorted(first[i : i + 3]) for i in range(0, 15, 3)] == [["a", "b", "c"]] * 5


def test_every_second_round_goes_backwards_so_that_steady_drift_favours_none():
    seen = []
    codes = {name: (lambda name=name: seen.append(name)) for name in "abcd"}
    dask_lens.compare(codes, rounds=4)
    rounds = [seen[i : i + 4] for i in range(4, 20, 4)]
    assert rounds[1] == rounds[0][::-1]
    assert rounds[3] == rounds[2][::-1]


def test_what_measures_a_run_is_no_cpu_time_of_it():
    found = dask_lens.compare({"nap": lambda: time.sleep(0.02), "spin": spin}, rounds=3)
    assert found.row("nap").cpu < 0.01
    assert found.row("spin").cpu == pytest.approx(0.05, rel=0.3)


def spin():
    until = time.process_time() + 0.05
    while time.process_time() < until:
        pass


def test_the_table_and_the_dict_tell_the_same():
    found = dask_lens.compare({"a": "1", "b | c": "1"}, rounds=3)
    assert list(found.table.index) == ["a", "b | c"]
    assert "b \\| c" in found.to_markdown()
    plain = found.to_dict()
    assert plain["baseline"] == "a"
    assert plain["variants"][0]["ratio"] == {"low": 1.0, "mid": 1.0, "high": 1.0}
    assert plain["variants"][0]["verdict"] == "about the same"
    assert plain.keys() >= {"baseline", "variants", "recommended", "warnings"}
    told = "name runs median ratio verdict startup parallelism results_equal predicted error"
    assert all(row.keys() >= set(told.split()) for row in plain["variants"])
    assert json.loads(found.to_json()) == plain
    assert [len(row["runs"]) for row in plain["variants"]] == [3, 3]


@pytest.mark.usefixtures("client")
def test_predictions_are_of_the_setting_that_runs_and_hold_the_start_of_processes():
    code = "dask.compute(*naps)"
    rows = ["threads, workers=2", "threads, workers=4", "processes, workers=2", "distributed"]
    found = run(code, rows, {"naps": naps(8)}, rounds=1)
    assert found.rows[0].predicted is None
    for row in (found.rows[1], found.rows[3]):
        assert row.predicted.mid == pytest.approx(row.waited, rel=0.5)
    # Jobs of 6 and 2 tasks, after processes have started.
    assert found.row("processes, workers=2").predicted.mid > 6 * NAP


def test_processes_predicted_from_processes_start_as_well():
    rows = ["processes, workers=1, chunksize=1", "processes, workers=2, chunksize=1"]
    # On a machine that disturbs the run to warm up, nothing is predicted from it.
    code = "dask.compute(*[dask.delayed(time.sleep)(0.25) for _ in range(4)])"
    tries = (run(code, rows, rounds=1) for _ in range(5))
    second = next(row for found in tries if (row := found.rows[1]).predicted)
    assert second.predicted.mid == pytest.approx(second.waited, rel=0.3)
    assert second.predicted.mid > 0.5 + second.startup


@pytest.mark.parametrize(
    ("codes", "options", "error", "told"),
    [
        ({}, {}, ValueError, "code by name"),
        ({"a": 5}, {}, TypeError, "'a' is a int"),
        ({"a": "1"}, {"rounds": 0}, ValueError, "rounds=0"),
        ({"a": "1"}, {"max_time": 0}, ValueError, "max_time=0"),
    ],
)
def test_what_cannot_be_compared_is_an_error_that_says_why(codes, options, error, told):
    with pytest.raises(error, match=told):
        dask_lens.compare(codes, **options)

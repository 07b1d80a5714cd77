"""What runs take beside time, on workers here and elsewhere."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from distributed import Client

from dask_lens.compare import meters
from dask_lens.compare.columns import costs
from dask_lens.compare.comparison import Row

MEBI = 1 << 20

#: Works as a cluster elsewhere does: none of its processes is a child of this one.
CLUSTER = """
from distributed import LocalCluster
if __name__ == "__main__":
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=":0") as cluster:
        print(cluster.scheduler_address, flush=True)
        input()
"""


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    script = tmp_path_factory.mktemp("cluster") / "cluster.py"
    script.write_text(CLUSTER)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, str(script)], **pipes) as process:
        with Client(process.stdout.readline().strip()) as client:
            client.wait_for_workers(1)
            yield client
        process.communicate("\n", timeout=30)


@pytest.fixture
def crew(elsewhere):
    crew = meters.Crew(elsewhere)
    # A worker is a grandchild, which is one of this machine's; elsewhere it is none.
    crew.remote = list(elsewhere.nthreads())
    crew.workers = frozenset()
    crew._children = lambda: iter(())
    return crew


def test_the_memory_that_a_worker_elsewhere_holds_at_the_end_is_measured(elsewhere, crew):
    with meters.Meter(crew, thorough=True) as meter:
        held = elsewhere.submit(bytearray, 64 * MEBI)
        held.result()
    assert 60 * MEBI < meter.memory < 400 * MEBI


def test_a_peak_of_a_worker_elsewhere_that_its_heartbeats_tell_is_seen(elsewhere, crew):
    with meters.Meter(crew, thorough=True) as meter:
        elsewhere.submit(for_a_while, 64 * MEBI, 2.0).result()
    assert 60 * MEBI < meter.memory < 400 * MEBI


def for_a_while(nbytes, seconds):
    held = b"x" * nbytes
    time.sleep(seconds)
    return len(held)


for_a_while.__module__ = "__main__"  # sent whole: workers cannot import a test


def test_nobody_could_look_where_workers_may_not_be_asked(elsewhere, crew, monkeypatch):
    monkeypatch.setattr(meters, "_asked", lambda *_: None)
    monkeypatch.setattr(meters, "_heartbeats", lambda _: {})
    with meters.Meter(crew, thorough=True) as meter:
        elsewhere.submit(abs, -1).result()
    assert (meter.cpu, meter.memory, meter.moved) == (None, None, None)
    shown = costs(Row("a", (1.0, 1.0), cpu=meter.cpu, memory=meter.memory, moved=meter.moved))
    assert shown.count("could not look") == 3
    assert "could not look" not in costs(Row("a", error="failed"))


@pytest.mark.parametrize(
    ("busy", "own", "expected"), [((0, 10), (0, 10), 0.0), ((5, 25), (1, 6), 1.5)]
)
def test_other_programs_are_what_is_busy_and_not_ours(monkeypatch, busy, own, expected):
    readings = {"_busy": iter(busy), "_own": iter(own)}
    for name, values in readings.items():
        monkeypatch.setattr(meters, name, values.__next__)
    clock = iter([0.0, 10.0])
    monkeypatch.setattr(meters.psutil, "cpu_percent", lambda **_: 0.0)
    monkeypatch.setattr(meters.time, "monotonic", clock.__next__)
    assert meters.Others().busy() == pytest.approx(expected)


def test_what_this_process_spends_is_its_own():
    busy, own, until = meters._busy(), meters._own(), time.process_time() + 0.3
    while time.process_time() < until:
        pass
    assert meters._own() - own > 0.25
    assert meters._busy() - busy > 0.2

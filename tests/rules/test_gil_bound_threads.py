"""Tasks that take turns at the interpreter's lock: DSK203."""

from __future__ import annotations

from dataclasses import replace

import pytest
from performing import perform
from reading import assert_found, findings

from dask_lens.metrics.estimate import Estimate
from dask_lens.record.cell import Cell, Place
from dask_lens.record.cluster import Worker
from dask_lens.record.computation import Computation
from dask_lens.record.graph import Graph
from dask_lens.record.run import NotJudged, Run
from dask_lens.record.task import Task
from dask_lens.report import analyze
from dask_lens.rule import Finding
from dask_lens.rules.gil_bound_threads import rule

SETUP = """\
import time, math, json
import numpy as np
import dask
import dask.bag as db
from dask import delayed
from dask.distributed import Client
def loop(n):
    total = 0
    for i in range(n):
        total += i % 7
    return total
def nap(n):
    time.sleep(n)
def grid(n):
    return sum(math.sqrt(i * j) for i in range(2_000) for j in range(2_000))
def count(n):
    while n > 0:
        n -= 1
def arrays(n):
    for i in range(5_000_000):
        np.ones(n).sum()
"""
N = "10_000_000"

FINE = [
    pytest.param(["dask.compute([delayed(nap)(5) for _ in range(4)])"], id="tasks that sleep"),
    pytest.param(["dask.compute([delayed(loop)(10) for _ in range(4)])"], id="short loops"),
    pytest.param(["dask.compute([delayed(loop)(m) for _ in range(4)])"], id="of unknown length"),
    pytest.param([f"delayed(loop)({N}).compute()"], id="one task"),
    pytest.param([f"dask.compute([delayed(arrays)({N}) for _ in range(4)])"], id="NumPy inside"),
    pytest.param(
        [f"dask.compute([delayed(loop)({N}) for _ in range(4)], scheduler='processes')"],
        id="processes",
    ),
    pytest.param(
        [f"dask.compute([delayed(loop)({N}) for _ in range(4)], scheduler='sync')"], id="sync"
    ),
    pytest.param(
        [f"dask.compute([delayed(loop)({N}) for _ in range(4)], num_workers=1)"], id="one thread"
    ),
    pytest.param(
        ["c = Client()", f"dask.compute([delayed(loop)({N}) for _ in range(4)])"], id="a cluster"
    ),
    pytest.param(
        [f"dask.config.set(scheduler='processes')\ndask.compute([delayed(loop)({N}) for _ in x])"],
        id="processes by the settings",
    ),
    pytest.param([f"db.from_sequence([{N}] * 4).map(loop).compute()"], id="a bag: processes"),
    pytest.param(
        [
            f"t = [delayed(loop)({N}) for _ in range(4)]",
            "dask.compute(t, scheduler='threads')\ndask.compute(t, scheduler='processes')",
        ],
        id="schedulers that are compared",
    ),
    pytest.param([f"[loop({N}) for _ in range(4)]"], id="no tasks at all"),
]


@pytest.mark.parametrize("cells", FINE)
def test_text_is_silent_about(cells: list[str]) -> None:
    assert findings(rule, SETUP, *cells) == []


FOUND = [
    pytest.param([f"dask.compute([delayed(loop)({N}) for _ in range(4)])"], id="a loop"),
    pytest.param([f"dask.compute(delayed(loop)({N}), delayed(loop)({N}))"], id="two by hand"),
    pytest.param(["dask.compute([delayed(grid)(i) for i in range(4)])"], id="nested generators"),
    pytest.param([f"dask.compute([delayed(count)({N}) for _ in range(4)])"], id="counting down"),
    pytest.param([f"t = [delayed(loop)(n={N}) for i in x]\ntotal = delayed(sum)(t)",
                  "total.compute(scheduler='threads')"], id="through a sum, by keyword"),
    pytest.param(["c = Client(processes=False)",
                  f"dask.compute([delayed(loop)({N}) for _ in range(4)])"],
                 id="workers that are threads"),
    pytest.param(["c = Client(processes=False)", "c.map(grid, range(4))"], id="mapped"),
]  # fmt: skip


@pytest.mark.parametrize("cells", FOUND)
def test_text_tells_of(cells: list[str]) -> None:
    *before, last = cells
    assert_found(rule, SETUP, *before, f"{last}  # found here")


# What was measured


def ran(cpu: float, *, looks: int = 40, held: int = 39, threads: int = 2, **rest) -> Computation:
    """Return a computation of a task of two seconds on each thread, with such CPU time."""
    tasks = tuple(
        Task(f"loop-{n}", "loop", rest.pop("worker", "1"), n, 0.0, 2.0, cpu)
        for n in range(threads)
    )
    keys = tuple(task.key for task in tasks)
    made = Computation(
        "threads",
        0.0,
        2.0,
        threads,
        tasks,
        n_tasks=threads,
        busy=2.0 * threads,
        place=Place(0, 1),
        graph=Graph(keys, ((),) * threads),
        cores=4,
        looks=looks,
        held=held,
    )
    return replace(made, **rest)


def judged(computation: Computation, source: str = "dask.compute(x)") -> list:
    return list(rule.run(Run((Cell(source),), 0, 0.0, 9.0, (computation,)), {}))


@pytest.mark.parametrize(
    "computation",
    [
        pytest.param(ran(0.01), id="they sleep"),
        pytest.param(ran(1.9), id="they compute side by side"),
        pytest.param(ran(1.0, held=3), id="they wait half of the time, and the lock is free"),
        pytest.param(ran(2.0, threads=1), id="one thread"),
        pytest.param(ran(1.0, cores=1), id="one processor"),
        pytest.param(ran(1.0, scheduler="processes"), id="processes"),
        pytest.param(ran(1.0, status="erred"), id="it failed"),
        pytest.param(ran(0.1), id="so little that it is not worth a word"),
        pytest.param(ran(0.5, looks=2, held=2), id="too few looks, and time left to wait"),
    ],
)
def test_it_is_silent_where(computation: Computation) -> None:
    assert judged(computation) == []


def test_what_takes_turns_costs_what_processors_could_have_done_meanwhile() -> None:
    [finding] = judged(ran(1.0))
    assert isinstance(finding, Finding)
    assert finding.certainty == "seen"
    assert finding.cost == pytest.approx(1.0)
    assert "2 tasks ran in 2 threads, and 1.0 of them computed at a time" in finding.message


def test_processes_are_predicted_to_take_less() -> None:
    long = ran(10.0)
    tasks = tuple(replace(task, stop=20.0) for task in long.tasks)
    [finding] = judged(replace(long, tasks=tasks, stop=20.0, busy=40.0))
    processes, cluster = finding.fixes
    assert isinstance(processes.estimate, Estimate)
    assert 10.0 < processes.estimate.mid < 14.0
    assert isinstance(cluster.estimate, Estimate)
    assert 10.0 < cluster.estimate.mid < 12.0


def test_where_cpu_time_is_not_known_it_says_so() -> None:
    computation = ran(1.0)
    tasks = tuple(replace(task, cpu=None) for task in computation.tasks)
    assert judged(replace(computation, tasks=tasks)) == [
        NotJudged(rule.name, "the CPU time of tasks was not measured")
    ]


LOOP = "def loop(n):\n    for i in range(n): n += i % 3\n    return n\nfs = client.map(loop, x)"
NAP = "def loop(n):\n    time.sleep(n)\nfs = client.map(loop, x)"


def on_workers() -> Computation:
    workers = (Worker("tcp://127.0.0.1:1", 2),)
    return ran(1.0, scheduler="distributed", workers=workers, looks=0, held=0)


SETUP_CLIENT = (
    "import time\nfrom dask.distributed import Client\n"
    "client = Client(n_workers=1, threads_per_worker=2)\n"
)


def test_workers_with_several_threads_need_text_that_tells() -> None:
    [finding] = judged(on_workers(), SETUP_CLIENT + LOOP)
    assert isinstance(finding, Finding)
    [fix] = finding.fixes
    assert (fix.rewrite, fix.place and fix.place.line) == ("separate-threads", 3)
    assert isinstance(fix.estimate, Estimate)
    assert fix.estimate.mid < 1.5


def test_workers_whose_tasks_sleep_by_the_text_are_not_blamed() -> None:
    assert judged(on_workers(), SETUP_CLIENT + NAP) == []


def test_operators_without_a_loop_may_be_those_of_arrays() -> None:
    product = "def loop(a):\n    return a @ a\nfs = client.map(loop, x)"
    assert judged(on_workers(), SETUP_CLIENT + product) == []


def test_workers_whose_text_does_not_tell_are_not_judged() -> None:
    [item] = judged(on_workers(), "fs = client.map(library.work, x)")
    assert isinstance(item, NotJudged)


NEAR = """
import time, zlib, dask
data = bytes(range(256)) * 8_000

def mixed(seconds):
    time.sleep(seconds)
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        zlib.compress(data, 9)  # lets go of the lock

dask.compute([dask.delayed(mixed)(0.3) for _ in range(2)], scheduler="threads", num_workers=2)
"""


def test_tasks_that_sleep_and_compute_in_c_are_silent_when_run() -> None:
    found = [f.code for run in perform(NEAR) for f in analyze(run).findings]
    assert found == []

"""Tasks that start threads of their own: DSK209."""

from __future__ import annotations

from dataclasses import replace

import pytest
from reading import assert_found, findings

from dask_lens.record.cell import Cell, Place
from dask_lens.record.computation import Computation
from dask_lens.record.run import NotJudged, Run
from dask_lens.record.task import Task
from dask_lens.rule import Finding
from dask_lens.rules.thread_oversubscription import rule

SETUP = """\
import os
import dask
import joblib
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import Pool
from dask import delayed
from dask.distributed import Client
from sklearn.ensemble import RandomForestClassifier
client = Client()
"""

FOREST = "return RandomForestClassifier(n_jobs=-1).fit(x)"
FIT = "def fit(x):\n    return RandomForestClassifier(n_jobs={}).fit(x)"
MANY = "fs = client.map(fit, xs)"

FINE = [
    pytest.param([FIT.format(1), MANY], id="one job"),
    pytest.param([FIT.format(None), MANY], id="the default"),
    pytest.param([FIT.format("n"), MANY], id="a number that the text does not tell"),
    pytest.param([FIT.format(-1), "fit(x)"], id="not in a task"),
    pytest.param([FIT.format(-1), "f = client.submit(fit, x)"], id="one task that has it all"),
    pytest.param([FIT.format(-1), "d = delayed(fit)(x)"], id="one delayed task"),
    pytest.param(
        ["def fit(x):\n    with ThreadPoolExecutor(8) as p: return list(p.map(load, x))", MANY],
        id="threads that may only wait",
    ),
    pytest.param(
        [
            f"def fit(x):\n    with joblib.parallel_backend('dask'):\n        {FOREST}",
            MANY,
        ],
        id="jobs that are handed over to Dask",
    ),
    pytest.param(
        ["def fit(x):\n    with Pool(1) as pool: return pool.map(f, x)", MANY],
        id="a pool of one process, to be rid of its memory",
    ),
]


@pytest.mark.parametrize("cells", FINE)
def test_text_is_silent_about(cells: list[str]) -> None:
    assert findings(rule, SETUP, *cells) == []


HERE = "  # found here"
INNER = "def inner(x):\n    return joblib.Parallel(n_jobs=-1)(x)  # found here\n"
MAP = "\n        return pool.map(f, x)"
FOUND = [
    pytest.param([FIT.format(-1) + HERE, MANY], id="all processors for each of many"),
    pytest.param([FIT.format(4) + HERE, "fs = [client.submit(fit, x) for x in xs]"],
                 id="submitted in a loop"),
    pytest.param([FIT.format(-1) + HERE, "d = [delayed(fit)(x) for x in xs]"], id="delayed"),
    pytest.param([FIT.format(-1) + HERE, "a, b = delayed(fit)(x), delayed(fit)(y)"],
                 id="two by hand"),
    pytest.param(["@delayed\n" + FIT.format(-1) + HERE, "d = [fit(x) for x in xs]"],
                 id="decorated"),
    pytest.param([f"{INNER}def fit(x): return inner(x)", MANY], id="in a function it calls"),
    pytest.param([f"def fit(x):\n    with Pool() as pool:{HERE}{MAP}", MANY], id="a pool"),
    pytest.param([f"def fit(x):\n    with ProcessPoolExecutor() as pool:{HERE}{MAP}", MANY],
                 id="an executor of processes"),
]  # fmt: skip


@pytest.mark.parametrize("cells", FOUND)
def test_text_tells_of(cells: list[str]) -> None:
    assert_found(rule, SETUP, *cells)


# What was measured


def ran(runnable: float | None, *, threads: int = 4, **rest) -> Computation:
    """Return a computation of a task of a second on each thread, on four processors."""
    tasks = tuple(Task(f"fit-{n}", "fit", "1", n, 0.0, 1.0, 0.5) for n in range(threads))
    made = Computation(
        "threads",
        0.0,
        1.0,
        threads,
        tasks,
        n_tasks=threads,
        busy=float(threads),
        place=Place(0, 1),
        cores=4,
        looks=40,
        runnable=runnable,
    )
    return replace(made, **rest)


#: Of four threads, two are in a task at a time; the others take one, or give it back.
TINY = tuple(Task(f"f-{n}", "f", "1", n % 4, n / 100, (n + 2) / 100) for n in range(100))


def judged(computation: Computation, *sources: str) -> list:
    cells = tuple(map(Cell, ("dask.compute(x)", *sources)))
    return list(rule.run(Run(cells, 0, 0.0, 9.0, (computation,)), {}))


@pytest.mark.parametrize(
    "computation",
    [
        pytest.param(ran(0.1), id="they wait"),
        pytest.param(ran(4.2), id="a thread for each processor"),
        pytest.param(ran(5.5), id="a little more than that"),
        pytest.param(ran(16.0, threads=1), id="one task at a time"),
        pytest.param(ran(16.0, threads=16), id="more of Dask's threads than processors"),
        pytest.param(ran(4.8, cores=2, tasks=TINY), id="Dask's own threads between tiny tasks"),
        pytest.param(ran(16.0, looks=2), id="too few looks"),
        pytest.param(ran(16.0, cores=None), id="an unknown number of processors"),
        pytest.param(ran(16.0, cores=32), id="processors for all"),
        pytest.param(ran(None, held=39), id="they hold the GIL"),
        pytest.param(ran(16.0, busy=0.1), id="over soon"),
    ],
)
def test_it_is_silent_where(computation: Computation) -> None:
    assert judged(computation) == []


def test_threads_that_want_processors_are_told_at_the_call() -> None:
    [finding] = judged(ran(16.0))
    assert isinstance(finding, Finding)
    assert finding.certainty == "seen"
    assert finding.cost is None
    assert finding.place is not None
    assert finding.place.line == 1
    assert "4.0 tasks ran at a time, 16.0 threads wanted one of 4 processors" in finding.message
    assert [fix.rewrite for fix in finding.fixes] == ["limit-threads"]


def test_systems_that_do_not_tell_are_named() -> None:
    [item] = judged(ran(None))
    assert isinstance(item, NotJudged)

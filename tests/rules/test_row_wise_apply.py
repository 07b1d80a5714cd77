from __future__ import annotations

import pytest
from setting import SETUP, found, marked

from dask_lens.record.cell import Cell, Place
from dask_lens.record.computation import Computation
from dask_lens.record.graph import Graph
from dask_lens.record.run import Run
from dask_lens.record.task import Task
from dask_lens.report import FindingReport, analyze
from dask_lens.rules.row_wise_apply import rule

FINE = [
    pytest.param("ddf.a.apply(f, meta=('a', int))", id="the values of a column"),
    pytest.param("df = pd.read_csv('a')\ndf.apply(f, axis=1)", id="pandas"),
    pytest.param("ddf.apply(f, axis=0)", id="columns"),
    pytest.param("ddf.map_partitions(lambda p: p.a + p.b)", id="whole tables"),
    pytest.param("ddf.groupby('a').apply(f, axis=1)", id="groups"),
    pytest.param("d = dd.from_pandas(pd.DataFrame({'a': [1, 2]}), npartitions=2)\n"
                 "d.apply(f, axis=1)", id="a small table"),
    pytest.param("def g(p):\n    return p.apply(f, axis=1)\ng(df)", id="no task"),
    pytest.param("@delayed\ndef g(jobs):\n    for _, job in jobs.iterrows():\n"
                 "        download(job.url)\ng(df).compute()", id="rows that are jobs, in a task"),
    pytest.param("def g(p):\n    s = 0\n    for _, row in p.iterrows():\n        s += row.a\n"
                 "    return s\ng(df)", id="a loop that is no task"),
    pytest.param("@delayed\ndef g(p):\n    return p.apply(lambda r: model(r), axis=1)\n"
                 "g(df).compute()", id="a function that may take its time"),
    pytest.param("def g(p, q):\n    return q.iterrows()\nddf.map_partitions(g, df)", id="another"),
]  # fmt: skip


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_for(source: str) -> None:
    assert found(rule, source) == []


FOUND = [
    pytest.param("r = ddf.apply(f, axis=1)  #!", id="rows"),
    pytest.param("r = ddf[ddf.a > 0].apply(lambda r: r.a, axis='columns')  #!", id="by name"),
    pytest.param("r = ddf.map_partitions(lambda p: p.apply(f, axis=1))  #!", id="in a lambda"),
    pytest.param("@delayed\ndef g(path):\n    p, s = pd.read_csv(path), 0\n"
                 "    for _, row in p.iterrows():  #!\n        s += row.a\n    return s\n"
                 "g('a').compute()", id="in a delayed function"),
    pytest.param("def g(p):\n    return p.apply(lambda r: r.a + r.b, axis=1)  #!\n"
                 "futures = client.map(g, [df, df])", id="in a function that is submitted"),
    pytest.param("def g(p):\n    for _, row in p.iterrows():  #!\n        f(row)\n    return p\n"
                 "r = ddf.map_partitions(g)", id="in a function of partitions"),
]  # fmt: skip


@pytest.mark.parametrize("source", FOUND)
def test_it_is_found_for(source: str) -> None:
    assert found(rule, source) == marked(source)


def slowed(source: str, prefix: str, cpu: float) -> list[FindingReport]:
    """Return what is found of a cell whose two tasks took two seconds side by side."""
    tasks = tuple(Task(f"{prefix}-{n}", prefix, "1", n, 0.0, 2.0, cpu) for n in range(2))
    graph = Graph(tuple(task.key for task in tasks), ((), ()))
    ran = Computation(
        "threads", 0.0, 2.0, 2, tasks, n_tasks=2, busy=4.0, place=Place(1, 2), graph=graph,
        cores=4, looks=40, held=39,
    )  # fmt: skip
    run = Run((Cell(SETUP, "setup"), Cell(source, "cell")), 1, 0.0, 9.0, (ran,))
    findings = analyze(run).findings
    return [found for found in findings if found.code in (rule.code, "DSK203")]


PER_ROW = [
    pytest.param("rows = ddf.apply(f, axis=1)\ntable = rows.compute()", "apply", id="a table"),
    pytest.param("rows = ddf.map_partitions(lambda p: p.apply(f, axis=1))\n"
                 "table = rows.compute()", "lambda", id="partitions"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "prefix"), PER_ROW)
def test_threads_that_waited_for_its_lock_are_told_of_once(source: str, prefix: str) -> None:
    [finding] = slowed(source, prefix, 1.0)
    assert (finding.code, finding.certainty, finding.line) == (rule.code, "seen", 1)
    assert finding.cost == pytest.approx(1.0)


@pytest.mark.parametrize(("source", "prefix"), PER_ROW)
def test_threads_that_did_not_wait_do_not_confirm_it(source: str, prefix: str) -> None:
    [finding] = slowed(source, prefix, 2.0)
    assert (finding.code, finding.certainty, finding.cost) == (rule.code, "likely", None)


def test_other_tasks_that_waited_for_the_lock_are_another_matter() -> None:
    source = "rows = ddf.apply(f, axis=1)\ntable = lazy(1).compute()"
    found = [(finding.code, finding.certainty) for finding in slowed(source, "f", 1.0)]
    assert sorted(found) == [("DSK203", "seen"), (rule.code, "likely")]

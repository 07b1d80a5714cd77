from __future__ import annotations

import pytest
from setting import found, marked

from dask_lens.record.call import ObservedCall
from dask_lens.record.cell import Cell, Place
from dask_lens.record.computation import Computation
from dask_lens.record.run import Run
from dask_lens.record.task import Task
from dask_lens.record.variable import Variable
from dask_lens.rule import Finding
from dask_lens.rules.large_object_in_graph import rule

BIG = "big = np.random.random((1000, 1000))\n"
FINE = [
    pytest.param(BIG + "client.submit(f, big)", id="one call"),
    pytest.param(BIG + "fut = client.scatter(big)\n[client.submit(f, i, fut) for i in range(9)]",
                 id="a future of it"),
    pytest.param("small = np.ones(10)\n[client.submit(f, i, small) for i in range(9)]",
                 id="a small array"),
    pytest.param("[client.submit(f, np.ones(i)) for i in range(9)]", id="another one each time"),
    pytest.param("for i in range(3):\n    a = np.ones(10**6)\n    client.submit(f, a)",
                 id="an array made in each pass"),
    pytest.param(BIG + "[client.submit(f, i, big.shape) for i in range(9)]", id="its shape"),
    pytest.param(BIG + "[f(i, big) for i in range(9)]", id="a plain function"),
    pytest.param(BIG + "client.map(f, range(9))", id="a map without it"),
    pytest.param("df = pd.DataFrame({'a': [1]})\n[client.submit(f, i, df) for i in range(9)]",
                 id="a table that is written out"),
    pytest.param("[client.submit(f, i, thing) for i in range(9)]", id="an unknown object"),
    pytest.param("from concurrent.futures import ThreadPoolExecutor\np = ThreadPoolExecutor()\n"
                 + BIG + "[p.submit(f, i, big) for i in range(9)]", id="a thread pool"),
    pytest.param(BIG + "r = delayed(f)(big)", id="one delayed call of 8 MB"),
    pytest.param(BIG + "y = da.from_array(big)", id="an array of 8 MB"),
    pytest.param(BIG + "client.map(f, range(9), k=big)", id="a map of 8 MB"),
    pytest.param("df = pd.read_csv('a.csv')\nd = dd.from_pandas(df, npartitions=4)",
                 id="a table of a size that the text does not tell"),
    pytest.param("y = da.from_array(np.load('a.npy', mmap_mode='r'))", id="an array on disk"),
    pytest.param("y = da.from_array(h5['x'])", id="a file"),
    pytest.param("y = da.random.random((10**5, 10**5))", id="an array that tasks make"),
    pytest.param("b = np.ones(10**8)\nd = delayed(b)\nr = [delayed(f)(i, d) for i in range(9)]",
                 id="wrapped once"),
    pytest.param("b = np.ones(10**8)\nr = [delayed(f)(b[i:i + 9]) for i in range(9)]",
                 id="a part of it in each pass"),
    pytest.param("b = np.ones(10**8)\nr = f(b)", id="a plain call"),
    pytest.param(BIG + "big = big[:3]\n[client.submit(f, i, big) for i in range(9)]",
                 id="a name that is bound twice"),
]  # fmt: skip


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_where(source: str) -> None:
    assert found(rule, source) == []


FOUND = [
    pytest.param(BIG + "[client.submit(f, i, big) for i in range(9)]  #!", id="a comprehension"),
    pytest.param(BIG + "for i in range(9):\n    futs.append(client.submit(f, i, a=big))  #!",
                 id="a loop, by keyword"),
    pytest.param("n = 2_000\nbig = np.zeros((n, n))\n[client.submit(f, i, big) for i in 'ab']  #!",
                 id="a shape under a name"),
    pytest.param("df = pd.read_csv('a.csv')\n[client.submit(f, i, df) for i in 'ab']  #!",
                 id="a table that was read"),
    pytest.param("df = pd.DataFrame(np.random.rand(10**6, 4))\n"
                 "[client.submit(f, i, df) for i in 'ab']  #!", id="a table of an array"),
    pytest.param(BIG + "r = [delayed(f)(i, big) for i in range(9)]  #!", id="delayed calls"),
    pytest.param("@delayed\ndef g(a, b): return a\n" + BIG + "for i in range(9):\n"
                 "    out.append(g(i, b=big))  #!", id="a decorated function"),
    pytest.param("b = np.ones(10**8)\ny = da.from_array(b, chunks=10**6)  #!", id="an array"),
    pytest.param("y = da.from_array(np.random.random((10**4, 10**4)))  #!", id="a made array"),
    pytest.param("df = pd.DataFrame({'a': np.ones(10**8)})\n"
                 "d = dd.from_pandas(df, npartitions=9)  #!", id="a table, once"),
    pytest.param("b = np.ones(10**8)\nr = delayed(f)(b)  #!", id="a delayed call"),
    pytest.param("b = np.ones(10**8)\nr = client.map(f, range(9), k=b)  #!", id="a map"),
    pytest.param("b = np.ones(10**8)\nr = client.map(f, range(9), [b] * 9)  #!",
                 id="a map over the same"),
]  # fmt: skip


@pytest.mark.parametrize("source", FOUND)
def test_it_is_found(source: str) -> None:
    assert found(rule, source) == marked(source)


@pytest.mark.parametrize(("nbytes", "number"), [(200_000, 0), (5_000_000, 1), (900_000, 0)])
def test_after_the_run_the_bytes_decide(nbytes: int, number: int) -> None:
    source = (
        "from distributed import Client\nclient = Client()\n"
        "[client.submit(f, i, thing) for i in range(4)]"
    )
    facts = {"arguments": [{"argument": "1", "name": "thing", "type": "x.Y", "nbytes": nbytes}]}
    seen = ObservedCall("distributed.Client.submit", Place(0, 3), 1.0, 2.0, 4, facts)
    run = Run((Cell(source),), 0, 0.0, 3.0, calls=(seen,))
    findings = [one for one in rule.run(run, {}) if isinstance(one, Finding)]
    assert [one.certainty for one in findings] == ["seen"] * number
    assert all("thing (5 MB) was sent along with 4 tasks: 20 MB" in f.message for f in findings)


SILENT_CLIENT = "from dask import delayed\nimport dask.array as da, numpy as np\n"


def test_threads_of_this_process_share_their_memory() -> None:
    source = SILENT_CLIENT + "x = da.from_array(np.ones(10**8))\nx.sum().compute()"
    assert not [one for one in rule.run(Run((Cell(source),)), {}) if isinstance(one, Finding)]


WARNED = """\
import dask
import dask.array as da
from dask import delayed
from distributed import Client
client = Client()
x = da.from_array(thing, chunks=100)
r = x.sum().compute()
fs = client.map(work, xs, k=thing)
many = dask.compute([delayed(work)(i, thing) for i in range(9)])
once = delayed(thing)
many = dask.compute([delayed(work)(i, once) for i in range(9)])
y = x.persist()
"""


def judged(*calls: ObservedCall, n_tasks: int = 8, facts: int = 0) -> list[Finding]:
    """Judge a run in which Dask warned, of a cell that began with ``thing`` of some bytes."""
    variables = (Variable("thing", "numpy.ndarray", {"nbytes": facts}),) if facts else ()
    tasks = (Task("a", "a", "w", 0, 2.5, 3.0),)
    ran = tuple(
        Computation("distributed", 1.0, 3.0, 2, tasks, n_tasks, 0.5, call.place) for call in calls
    )
    cell = Cell(WARNED, variables=variables)
    run = Run((cell,), 0, 0.0, 9.0, ran, calls=calls)
    return [one for one in rule.run(run, {}) if isinstance(one, Finding)]


def warning(line: int, nbytes: int = 24_000_000) -> ObservedCall:
    facts = {"kind": "large-graph", "message": "Sending large graph", "nbytes": nbytes}
    return ObservedCall("warnings.warn", Place(0, line), 1.0, 1.0, 1, facts)


def given(name: str, line: int, count: int = 1, nbytes: int = 24_000_000) -> ObservedCall:
    entry = {"argument": "1", "name": "thing", "type": "numpy.ndarray", "nbytes": nbytes}
    return ObservedCall(name, Place(0, line), 1.0, 1.0, count, {"arguments": [entry]})


@pytest.mark.parametrize(
    ("calls", "line"),
    [
        pytest.param([warning(7)], 6, id="an array, at the line that makes it"),
        pytest.param([warning(12)], 6, id="an array that is persisted"),
        pytest.param([warning(8), given("distributed.Client.map", 8)], 8, id="a map"),
        pytest.param([warning(9), given("dask.delayed", 9, 9)], 9, id="delayed calls"),
    ],
)
def test_a_warning_of_dask_names_what_it_is_about(calls: list[ObservedCall], line: int) -> None:
    [finding] = judged(*calls, facts=24_000_000)
    assert finding.certainty == "seen"
    assert finding.cost == pytest.approx(1.5)
    assert "thing (24 MB) went through the scheduler" in finding.message
    assert finding.place is not None
    assert finding.place.line == line


def test_a_warning_is_told_even_where_nothing_in_the_text_explains_it() -> None:
    [finding] = judged(warning(1))
    assert "What this line computes (24 MB)" in finding.message


def test_a_graph_that_is_large_because_of_its_tasks_is_another_matter() -> None:
    assert judged(warning(9), given("dask.delayed", 9, 9, 10), n_tasks=50_000) == []


def test_what_is_wrapped_once_is_as_it_should_be() -> None:
    assert judged(warning(11), facts=24_000_000) == []


def test_a_function_that_carries_it_is_told_of_by_its_own_rule() -> None:
    captured = [{"name": "thing", "where": "global", "type": "x", "nbytes": 24_000_000}]
    facts = {"function": {"name": "work", "module": "m", "captured": captured}}
    sent = ObservedCall("distributed.Client.map", Place(0, 8), 1.0, 1.0, 1, facts)
    assert judged(warning(8), sent) == []


def test_what_is_in_memory_already_is_told_of_before_it_is_sent() -> None:
    cell = Cell(WARNED, variables=(Variable("thing", "numpy.ndarray", {"nbytes": 2 * 10**8}),))
    findings = list(rule.run(Run((cell,), 0, 1.0), {}))
    likely = [one for one in findings if isinstance(one, Finding)]
    assert [one.place.line for one in likely if one.place is not None] == [6, 8, 9]
    assert "thing (200 MB) becomes part of the graph" in likely[0].message

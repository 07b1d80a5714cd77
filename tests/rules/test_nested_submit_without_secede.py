from __future__ import annotations

import time

import pytest
from distributed import Client
from reading import assert_found, findings

from dask_lens.observe.observer import Observer
from dask_lens.record.cell import Cell, Place
from dask_lens.record.computation import Computation
from dask_lens.record.graph import Graph
from dask_lens.record.run import Run
from dask_lens.rule import Finding
from dask_lens.rules.nested_submit_without_secede import rule

SETUP = """\
import dask
from functools import partial
from dask.distributed import *
client = Client()
def g(x): return x
"""

FINE = [
    pytest.param("def f(x):\n    with worker_client() as c:\n"
                 "        return c.submit(g, x).result()\n"
                 "client.map(f, xs)", id="a worker_client block"),
    pytest.param("def f(x):\n    c = get_client()\n    fut = c.submit(g, x)\n    secede()\n"
                 "    r = fut.result()\n    rejoin()\n    return r\nclient.map(f, xs)",
                 id="secede and rejoin"),
    pytest.param("import distributed\ndef f(x):\n    c = get_client()\n    distributed.secede()\n"
                 "    return c.gather(c.map(g, x))\nclient.map(f, xs)",
                 id="secede by its module"),
    pytest.param("def leave(): secede()\ndef f(x):\n    c = get_client()\n    leave()\n"
                 "    return c.submit(g, x).result()\nclient.map(f, xs)",
                 id="secede in a function of its own"),
    pytest.param("def f(x):\n    fire_and_forget(get_client().submit(g, x))\nclient.map(f, xs)",
                 id="fired and forgotten"),
    pytest.param("def f(x):\n    c = get_client()\n    Queue('q').put(c.submit(g, x))\n"
                 "client.map(f, xs)", id="handed over, not waited for"),
    pytest.param("async def f(x):\n    c = get_client()\n    return await c.submit(g, x)\n"
                 "client.map(f, xs)", id="an asynchronous task"),
    pytest.param("def f(x):\n    c = get_client()\n    return c.submit(g, x).result()\nf(1)",
                 id="a function that runs here"),
    pytest.param("def f(xs):\n    c = get_client()\n    return c.gather(c.map(g, xs))\n"
                 "client.submit(f, xs).result()", id="the only such task, on a default cluster"),
    pytest.param("def f(x):\n    return client.submit(g, x).result()\n[f(x) for x in xs]",
                 id="the notebook's client, here"),
    pytest.param("def f(x):\n    return dask.compute(dask.delayed(g)(x))[0]\nclient.map(f, xs)",
                 id="a compute, which secedes by itself"),
    pytest.param("def get_client(): return Database()\ndef f(x):\n    c = get_client()\n"
                 "    return c.submit(x).result()\nclient.map(f, xs)",
                 id="get_client is a function of the user's own"),
    pytest.param("from concurrent.futures import ThreadPoolExecutor\ndef f(x):\n"
                 "    with ThreadPoolExecutor() as c:\n        return c.submit(g, x).result()\n"
                 "client.map(f, xs)", id="a thread pool inside a task"),
    pytest.param("import httpx\ndef f(x):\n    c = httpx.Client()\n    return c.get(x).result()\n"
                 "client.map(f, xs)", id="another kind of client"),
    pytest.param("def f(fut):\n    return fut.result()\nclient.map(f, jobs)",
                 id="the result of something unknown"),
    pytest.param("def f(x):\n    c = get_client()\n    n = c.ncores()\n    return g(x) + len(n)\n"
                 "client.map(f, xs)", id="a client that is only asked"),
    pytest.param("from joblib import delayed, Parallel\ndef f(x):\n    c = get_client()\n"
                 "    return c.submit(g, x).result()\nParallel()(delayed(f)(i) for i in xs)",
                 id="joblib's delayed"),
]  # fmt: skip


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_where(source: str) -> None:
    assert findings(rule, SETUP, source) == []


FOUND = [
    pytest.param("def f(x):\n    c = get_client()\n"
                 "    return c.submit(g, x).result()  # found here\nclient.map(f, xs)",
                 id="a result"),
    pytest.param("def f(x):\n    return get_client().submit(g, x).result()  # found here\n"
                 "[client.submit(f, x) for x in xs]",
                 id="a client without a name, in a comprehension"),
    pytest.param("def f(x):\n    c = get_client()\n    futs = c.map(g, x)\n"
                 "    wait(futs)  # found here\n    return 1\nclient.map(f, xs)", id="wait"),
    pytest.param("def f(x):\n    c = get_client()\n    futs = c.map(g, x)\n    t = 0\n"
                 "    for fut in as_completed(futs):  # found here\n        t += 1\n    return t\n"
                 "client.map(f, xs)", id="as they complete"),
    pytest.param("def f(x):\n    c = get_client()\n    futs = [c.submit(g, y) for y in x]\n"
                 "    return [fut.result() for fut in futs]  # found here\nclient.map(f, xs)",
                 id="a result each"),
    pytest.param("from distributed import get_client as mine\ndef f(x):\n    c = mine()\n"
                 "    return c.gather(c.map(g, x))  # found here\nfor x in xs:\n"
                 "    futs.append(client.submit(f, x))", id="an alias, submitted in a loop"),
    pytest.param("@dask.delayed\ndef f(x):\n    c = Client.current()\n"
                 "    return c.gather(c.map(g, x))  # found here\n"
                 "dask.compute(*[f(x) for x in xs])", id="a delayed function"),
    pytest.param("def fib(n):\n    if n < 2:\n        return n\n    c = get_client()\n"
                 "    a = c.submit(fib, n - 1)\n    b = c.submit(fib, n - 2)\n"
                 "    return a.result() + b.result()  # found here\n"
                 "client.submit(fib, 10).result()", id="a task that submits itself"),
    pytest.param("def ask(c, x):\n    return c.submit(g, x).result()  # found here\n"
                 "def f(x):\n    return ask(get_client(), x)\nclient.map(f, xs)",
                 id="the waiting is in another function"),
    pytest.param("def f(x, y):\n    return get_client().submit(g, x).result()  # found here\n"
                 "client.map(partial(f, y=1), xs)", id="a partial"),
    pytest.param("client.map(lambda x: get_client().submit(g, x).result(), xs)  # found here",
                 id="a lambda"),
    pytest.param("c1 = Client(n_workers=1, threads_per_worker=1)\ndef f(x):\n"
                 "    return get_client().submit(g, x).result()  # found here\n"
                 "c1.submit(f, 1).result()", id="one task, where there is one thread"),
]  # fmt: skip


@pytest.mark.parametrize("source", FOUND)
def test_it_is_found(source: str) -> None:
    assert assert_found(rule, SETUP, source).certainty == "likely"


def test_a_function_of_an_earlier_cell_is_found_where_it_waits() -> None:
    task = "def f(x):\n    return get_client().submit(g, x).result()  # found here"
    assert_found(rule, SETUP, task, "client.map(f, xs)")


# --- a cluster that hangs ---------------------------------------------------------------------

HANGING = """\
from dask.distributed import get_client
def inner(x):
    return x
def outer(x):
    return get_client().submit(inner, x, key=f"inner-{x}").result(timeout="6s")
"""


def until_stuck(observer: Observer) -> Run:
    """Look at what runs until it is known to be stuck."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        run = observer.current()
        if run is not None and any(c.stuck > 1 for c in run.computations):
            return run
        time.sleep(0.05)
    raise AssertionError("nothing was seen to be stuck")


def test_a_cluster_that_hangs_is_named_while_it_does() -> None:
    observer = Observer(lambda _: None)
    observer.start()
    options = {"n_workers": 1, "threads_per_worker": 2, "dashboard_address": ":0"}
    try:
        with Client(processes=False, **options) as client:
            source = HANGING + "futures = client.map(outer, [1, 2, 3])"
            names: dict[str, object] = {"client": client, "__name__": "__main__"}
            cells = (Cell(SETUP, "setup"), Cell(source, "hangs"))
            observer.begin(cells[0], "<setup>")
            observer.end()
            observer.begin(cells[1], "<hangs>")
            exec(compile(source, "<hangs>", "exec"), names)  # noqa: S102 - the test's own text
            observer.end()
            run = until_stuck(observer)
            [finding] = [f for f in rule.run(run, {"least_stuck": 1.0}) if isinstance(f, Finding)]
            client.cancel(names["futures"])
    finally:
        observer.stop()
    assert finding.certainty == "seen"
    assert finding.place is not None
    assert (finding.place.cell, finding.place.line) == (1, 5)
    assert "all threads (2) are held" in finding.message
    assert "Interrupt the kernel" in finding.message


def hung(status: str, seconds: float = 5.0) -> list[Finding]:
    """Return what is found where a function of another cell makes the tasks that hang."""
    task = "def f(x):\n    return get_client().submit(g, x).result()"
    use = "def go():\n    return client.map(f, xs)"
    cells = (*map(Cell, (SETUP, task, use, "go()")),)
    stop = None if status == "open" else 9.0
    graph = Graph(("f-1", "f-2"), ((), ()))
    computation = Computation(
        "distributed", 1.0, stop, 2, place=Place(2, 2), graph=graph, status=status, stuck=seconds
    )
    run = Run(cells, 3, 0.0, 9.0, (computation,))
    return [finding for finding in rule.run(run, {}) if isinstance(finding, Finding)]


def test_a_function_of_another_cell_that_hangs_is_named() -> None:
    [finding] = hung("open")
    assert finding.place is not None
    assert (finding.place.cell, finding.place.line) == (1, 2)
    assert "f waited inside its task" in finding.message
    assert "Interrupt the kernel" in finding.message


def test_a_hang_that_was_broken_off_is_told_afterwards() -> None:
    assert hung("finished", 0.0) == []
    [finding] = hung("erred")
    assert "nothing finished for 5 s, until it was broken off" in finding.message

from __future__ import annotations

import pytest

from dask_lens.record.cell import Cell, Place
from dask_lens.record.computation import Computation
from dask_lens.record.run import Run, UnboundFuture
from dask_lens.record.task import Task
from dask_lens.rule import Finding
from dask_lens.rules.future_returned_from_task import rule

SETUP = """\
import dask
import dask.array as da
from dask.distributed import *
client = Client()
"""
MARK = "  # found here"


def cells(*sources: str) -> tuple[Cell, ...]:
    return tuple(Cell(source) for source in (SETUP, *sources))


def read(*sources: str) -> list[Finding]:
    return [found for found in rule.run(Run(cells(*sources)), {}) if isinstance(found, Finding)]


FINE = [
    pytest.param("def f(x):\n    c = get_client()\n    return c.submit(g, x).result()\n"
                 "client.submit(f, 1)", id="the result is waited for"),
    pytest.param("def f(x):\n  with worker_client() as c:\n    return c.gather(c.map(g, x))\n"
                 "client.submit(f, [1])", id="they are gathered"),
    pytest.param("def f(x):\n    with worker_client() as c:\n        futs = c.map(g, x)\n"
                 "        return [fut.result() for fut in futs]\nclient.submit(f, [1])",
                 id="each result is waited for"),
    pytest.param("def f(x):\n    with worker_client() as c:\n        futs = c.map(g, x)\n"
                 "        return sum(fut.result() for fut in as_completed(futs))\n"
                 "client.submit(f, [1])", id="results are taken as they complete"),
    pytest.param("async def f(x):\n    c = get_client()\n    return await c.submit(g, x)\n"
                 "client.submit(f, 1)", id="a future that is awaited"),
    pytest.param("def f(x):\n  with worker_client() as c:\n    return c.compute(x, sync=True)\n"
                 "client.submit(f, 1)", id="the client computes at once"),
    pytest.param("def get_client(): return Database()\ndef f(x):\n    c = get_client()\n"
                 "    return c.submit(x)\nclient.submit(f, 1)",
                 id="get_client is a function of the user's own"),
    pytest.param("def f(x):\n    c = get_client()\n    return c.submit(g, x)\nfut = f(1)",
                 id="the function runs here"),
    pytest.param("def f(x):\n    return client.submit(g, x)\nfut = f(1)",
                 id="the function runs here, with the notebook's client"),
    pytest.param("def f(c, x):\n    return c.map(g, x)\nfuts = f(client, [1])",
                 id="the function is given the client"),
    pytest.param("def f(x):\n    fut = get_client().submit(g, x)\n    Queue('q').put(fut)\n"
                 "client.submit(f, 1)", id="handed over by a queue"),
    pytest.param("def f(x):\n    fut = get_client().submit(g, x)\n    Variable('v').set(fut)\n"
                 "    return 'v'\nclient.submit(f, 1)", id="handed over by a variable"),
    pytest.param("def f(x):\n    c = get_client()\n    c.publish_dataset(d=c.scatter(x))\n"
                 "client.submit(f, 1)", id="handed over as a published dataset"),
    pytest.param("def f(x):\n    fut = get_client().submit(g, x)\n    fire_and_forget(fut)\n"
                 "    return True\nclient.submit(f, 1)", id="fired and forgotten"),
    pytest.param("def f(x):\n    return get_client().submit(g, x).key\nclient.submit(f, 1)",
                 id="the key is returned"),
    pytest.param("def f(x):\n    fut = get_client().submit(g, x)\n    wait(fut)\n"
                 "    return fut.status\nclient.submit(f, 1)", id="the status is returned"),
    pytest.param("def f(x):\n    c = get_client()\n    futs = c.map(g, x)\n    return len(futs)\n"
                 "client.submit(f, [1])", id="the number of futures is returned"),
    pytest.param("def f(x):\n    return x + 1\nfut = client.submit(f, client.scatter(1))",
                 id="a future is an argument"),
    pytest.param("import matplotlib.pyplot as plt\ndef f(x):\n    fig, ax = plt.subplots()\n"
                 "    return ax.scatter(x, x)\nclient.submit(f, [1])", id="a scatter plot"),
    pytest.param("from concurrent.futures import ThreadPoolExecutor\ndef f(x):\n"
                 "    with ThreadPoolExecutor() as c:\n        return c.submit(g, x)\n"
                 "client.submit(f, 1)", id="a thread pool inside a task"),
    pytest.param("import httpx\ndef f(x):\n    c = httpx.Client()\n    return c.submit(x)\n"
                 "client.submit(f, 1)", id="another kind of client inside a task"),
    pytest.param("from joblib import delayed, Parallel\ndef f(x):\n    c = get_client()\n"
                 "    return c.submit(g, x)\nParallel()(delayed(f)(i) for i in range(3))",
                 id="joblib's delayed"),
    pytest.param("def f(x):\n    return client.compute(x)\nclient.run_on_scheduler(f)",
                 id="a function that runs on the scheduler"),
    pytest.param("def f(x):\n    def inner(y):\n        return get_client().submit(g, y)\n"
                 "    return inner(x).result()\nclient.submit(f, 1)",
                 id="an inner function's future is waited for"),
    pytest.param("def f(x):\n    return dask.compute(da.ones(3))[0]\nclient.submit(f, 1)",
                 id="a collection is computed"),
    pytest.param("def f(x):\n    c = get_client()\n    return c\nclient.submit(f, 1)",
                 id="the client is returned"),
    pytest.param("def f(x):\n    c = get_client()\n    return c.run(g)\nclient.submit(f, 1)",
                 id="what runs on every worker is returned"),
]  # fmt: skip


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_where(source: str) -> None:
    assert read("def g(x): return x\n" + source) == []


FOUND = [
    pytest.param("def f(x):\n    c = get_client()\n    return c.scatter(x)  # found here\n"
                 "client.submit(f, 1)", id="scattered"),
    pytest.param("def f(x):\n    return get_client().submit(g, x)  # found here\n"
                 "client.map(f, [1])", id="submitted, without a name"),
    pytest.param("def f(x):\n    with worker_client() as c:\n        futs = c.map(g, x)\n"
                 "    return futs  # found here\nclient.submit(f, [1])", id="mapped, with a name"),
    pytest.param("def f(x):\n    c = Client.current()\n    return c.compute(x)  # found here\n"
                 "client.submit(f, 1)", id="computed, by the current client"),
    pytest.param("def f(x):\n  c = get_client()\n  return c.persist(da.ones(3))  # found here\n"
                 "client.submit(f, 1)", id="persisted"),
    pytest.param("def f(x):\n    c = get_client()\n    return {'a': c.scatter(x)}  # found here\n"
                 "client.submit(f, 1)", id="in a dict"),
    pytest.param("def f(x):\n    c = get_client()\n    return x, c.scatter(x)  # found here\n"
                 "client.submit(f, 1)", id="in a tuple, behind data"),
    pytest.param("def f(x):\n    c = get_client()\n    return [c.submit(g, y) for y in x]"
                 "  # found here\nclient.submit(f, [1])", id="in a comprehension"),
    pytest.param("def f(x):\n    c = get_client()\n    out = []\n    for y in x:\n"
                 "        out.append(c.submit(g, y))\n    return out  # found here\n"
                 "client.submit(f, [1])", id="added to a list"),
    pytest.param("def f(x):\n    c = get_client()\n    if not x:\n        return None\n"
                 "    return c.scatter(x)  # found here\nclient.submit(f, 1)",
                 id="one of two returns"),
    pytest.param("@dask.delayed\ndef f(x):\n    return get_client().scatter(x)  # found here\n"
                 "f(1).compute()", id="a delayed function"),
    pytest.param("@dask.delayed(pure=True)\ndef f(x):\n    return get_client().scatter(x)"
                 "  # found here", id="a function that is only decorated"),
    pytest.param("def f(x):\n    return get_client().scatter(x)  # found here\n"
                 "dask.delayed(f)(1).compute()", id="delayed where it is called"),
    pytest.param("def f(x):\n    return get_client().scatter(x)  # found here\n"
                 "da.ones(4, chunks=2).map_blocks(f).compute()", id="map_blocks"),
    pytest.param("import dask.dataframe as dd\ndef f(x):\n    return get_client().scatter(x)"
                 "  # found here\ndd.read_csv('x').map_partitions(f)", id="map_partitions"),
    pytest.param("from functools import partial\ndef f(x, y):\n    return get_client().scatter(x)"
                 "  # found here\nclient.submit(partial(f, 1), 2)", id="a partial"),
    pytest.param("client.submit(lambda: get_client().scatter(1))  # found here", id="a lambda"),
    pytest.param("def go():\n    def f(x):\n        return get_client().scatter(x)  # found here\n"
                 "    return client.submit(f, 1)\ngo()", id="a function inside a function"),
    pytest.param("def go(c):\n    return c.submit(f, 1)\ndef f(x):\n"
                 "    return get_client().scatter(x)  # found here\ngo(client)",
                 id="submitted by a function that is given the client"),
    pytest.param("def helper(x):\n    return get_client().scatter(x)\ndef f(x):\n"
                 "    return helper(x)  # found here\nclient.submit(f, 1)",
                 id="made by a function that the task calls"),
    pytest.param("def f(x):\n    secede()\n    return get_client().submit(g, x)  # found here\n"
                 "client.submit(f, 1)", id="a task that has seceded"),
    pytest.param("async def f(x):\n    c = get_client()\n    return await c.scatter(x)"
                 "  # found here\nclient.submit(f, 1)", id="an asynchronous scatter"),
    pytest.param("def f(x):\n    fut = get_client().submit(g, x)\n    fire_and_forget(fut)\n"
                 "    return fut  # found here\nclient.submit(f, 1)",
                 id="fired and forgotten, and returned as well"),
    pytest.param("import dask.distributed as dd\ndef f(x):\n    with dd.worker_client() as c:\n"
                 "        return c.scatter(x)  # found here\nclient.submit(f, 1)",
                 id="a module under another name"),
    pytest.param("%time def_ = 1\ndef f(x):\n    c = get_client()\n    !ls\n"
                 "    return c.scatter(x)  # found here\n%time client.submit(f, 1)",
                 id="between magics"),
]  # fmt: skip


@pytest.mark.parametrize("source", FOUND)
def test_a_returned_future_is_found(source: str) -> None:
    [found] = read("def g(x): return x", source)
    assert found.certainty == "likely"
    assert found.place is not None
    assert found.place.cell == 2
    assert source.split("\n")[found.place.line - 1].endswith(MARK)


def test_the_function_may_be_defined_in_an_earlier_cell() -> None:
    [found] = read("def f(x):\n    return get_client().scatter(x)", "client.submit(f, 1)")
    assert found.place == Place(1, 2, 5, 2, 35)
    assert "f runs as a task and returns a future made by scatter" in found.message


def test_two_returns_are_two_findings_and_two_uses_are_one() -> None:
    source = "def f(x):\n    c = get_client()\n    if x:\n        return c.scatter(x)\n"
    source += "    return c.submit(g)\nclient.submit(f, 1)\nclient.map(f, [1])"
    assert [found.place.line for found in read(source) if found.place] == [4, 5]


# --- what was seen while it ran ---------------------------------------------------------------

BARE = "def f(x):\n    return get_client().scatter(x)"
LIST = "def f(x):\n    return [get_client().submit(g, x)]\ndef g(x): return x"


def task(prefix: str, typename: str | None = None, worker: str = "tcp://10.0.0.1:1") -> Task:
    return Task(f"{prefix}-0123", prefix, worker, 1, 1.0, 2.0, typename=typename)


def run(
    *sources: str,
    tasks: tuple[Task, ...] = (),
    unbound: tuple[UnboundFuture, ...] = (),
) -> list[Finding]:
    made = cells(*sources)
    computation = Computation("distributed", 1.0, 2.0, 2, tasks, len(tasks), 1.0, Place(2, 1))
    seen = Run(made, len(made) - 1, 0.0, 3.0, (computation,), unbound)
    return [found for found in rule.run(seen, {}) if isinstance(found, Finding)]


FUTURE = "distributed.client.Future"
KEY = "int-c0a8fa3df4b9f9a4f8c1d0c9e2f1a2b3"


def test_a_task_that_was_seen_to_return_one_makes_it_certain() -> None:
    [found] = run(BARE, "client.submit(f, 1)", tasks=(task("f", FUTURE),))
    assert (found.certainty, found.place) == ("seen", Place(1, 2, 5, 2, 35))
    assert found.message.startswith("f returned a future made by scatter inside the task")


def test_a_future_left_in_the_namespace_makes_it_certain() -> None:
    [found] = run(
        LIST,
        "futs = client.submit(f, 1).result()",
        tasks=(task("f", "builtins.list"), task("g", "builtins.int")),
        unbound=(UnboundFuture("futs", "g-c0a8fa3df4b9f9a4f8c1d0c9e2f1a2b3"),),
    )
    assert (found.certainty, found.evidence["names"]) == ("seen", ["futs"])


def test_a_function_of_an_earlier_submit_is_known_by_its_tasks() -> None:
    go = "def go():\n    return client.submit(f, 1)"
    [found] = run(BARE + "\n" + go, "go()", tasks=(task("f", FUTURE),))
    assert found.place == Place(1, 2, 5, 2, 35)


def test_a_client_of_unknown_make_is_known_by_its_tasks() -> None:
    source = "client = somewhere.connect()\nclient.submit(f, 1)"
    [found] = run(BARE, source, tasks=(task("f", FUTURE),))
    assert (found.certainty, found.place) == ("seen", Place(1, 2, 5, 2, 35))


def test_cells_that_ran_before_are_not_judged_again() -> None:
    assert run(BARE, "client.submit(f, 1)", "x = 1") == []


def test_a_function_that_was_put_right_is_not_blamed_for_its_old_form() -> None:
    right = "def f(x):\n    return x"
    assert run(BARE + "\nclient.submit(f, 1)", right, "client.submit(f, 1)",
               tasks=(task("f", "builtins.int"),)) == []  # fmt: skip


def test_what_no_cell_explains_is_said_without_a_line() -> None:
    [found] = run(
        "from mine import load",
        "fut = client.submit(load).result()",
        tasks=(task("load", FUTURE),),
        unbound=(UnboundFuture("fut", KEY),),
    )
    assert (found.certainty, found.place, found.fixes) == ("seen", Place(2, 1), ())
    assert (found.evidence["function"], found.evidence["names"]) == ("load", ["fut"])


def test_an_unbound_future_alone_is_enough() -> None:
    [found] = run("from mine import go", "fut = go()", unbound=(UnboundFuture("fut", KEY),))
    assert (found.certainty, found.evidence["names"]) == ("seen", ["fut"])


def test_where_workers_are_this_process_the_future_stays_bound() -> None:
    assert run("x = 1", "y = 2", tasks=(task("f", FUTURE, "inproc://10.0.0.1/1/1"),)) == []


def test_where_threads_ran_the_task_the_future_stays_bound() -> None:
    made = cells("@dask.delayed\n" + BARE, "f(1).compute(scheduler='threads')")
    local = Computation("threads", 1.0, 2.0, 2, (task("f", worker="1"),), 1, 1.0, Place(2, 1))
    assert list(rule.run(Run(made, 2, 0.0, 3.0, (local,)), {})) == []


def test_two_causes_keep_their_own_futures() -> None:
    source = LIST + "\ndef h(x):\n    return [get_client().submit(k, x)]\ndef k(x): return x"
    found = run(
        source,
        "a = client.submit(f, 1).result(); b = client.submit(h, 1).result()",
        unbound=(UnboundFuture("b", "k-c0a8fa3df4b9f9a4f8c1d0c9e2f1a2b3"),),
    )
    seen = {one.evidence["function"]: one.certainty for one in found}
    assert seen == {"f": "likely", "h": "seen"}

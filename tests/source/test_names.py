"""What names are known to be, read off the calls made on them."""

from __future__ import annotations

import pytest

from dask_lens.record.cell import Cell
from dask_lens.source.program import Program, read


def calls(*sources: str) -> list[str]:
    """Return the qualified names of the calls in the last cell, where they are known."""
    program = read([Cell(source) for source in sources])
    last = len(sources) - 1
    return [call.name for call in program.calls if call.cell == last and call.name]


UNKNOWN = [
    pytest.param("import httpx\nclient = httpx.Client()", "client.submit(f)", id="httpx"),
    pytest.param("import pymongo\nc = pymongo.MongoClient()", "c.scatter(x)", id="Mongo"),
    pytest.param("import ipyparallel\nc = ipyparallel.Client()", "c.map(f, x)", id="ipyparallel"),
    pytest.param("import matplotlib.pyplot as plt", "fig, ax = plt.subplots()\nax.scatter(x, y)",
                 id="a scatter plot"),
    pytest.param("from joblib import delayed", "delayed(f)(1)", id="joblib's delayed"),
    pytest.param("from concurrent.futures import Executor", "client.submit(f)",
                 id="a name that nothing defines"),
    pytest.param("from dask.distributed import Client\nclient = Client()\nclient = 3",
                 "client.submit(f)", id="a name that was given to something else"),
    pytest.param("from dask.distributed import Client\nclient = Client()\ndel client",
                 "client.submit(f)", id="a name that was deleted"),
    pytest.param("from dask.distributed import Client\nclient = Client()",
                 "def f(client):\n    client.submit(g)", id="a parameter of the same name"),
    pytest.param("from dask.distributed import Client\nclient = Client()",
                 "def f():\n    client = connect()\n    client.submit(g)", id="a local name"),
    pytest.param("from dask.distributed import Client\nif x:\n    c = Client()\nelse:\n    c = {}",
                 "c.submit(f)", id="a client or something else"),
    pytest.param("from dask.distributed import Client\nclass A:\n    client = Client()",
                 "client.submit(f)", id="a name inside a class"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "cell"), UNKNOWN)
def test_nothing_is_known_of(before: str, cell: str) -> None:
    found = calls(before, cell)
    assert not [name for name in found if name.startswith(("distributed.Client.", "dask."))]


CLIENTS = [
    pytest.param("from dask.distributed import Client\nc = Client()", id="from dask.distributed"),
    pytest.param("from distributed import Client as K\nc = K(n_workers=2)", id="another name"),
    pytest.param("import dask.distributed\nc = dask.distributed.Client()", id="the full name"),
    pytest.param("import dask.distributed as dd\nc = dd.Client()", id="a short module"),
    pytest.param("import distributed\nc = distributed.client.Client()", id="where it is defined"),
    pytest.param("from dask.distributed import *\nc = Client()", id="a star import"),
    pytest.param("from dask.distributed import LocalCluster\ncluster = LocalCluster()\n"
                 "c = cluster.get_client()", id="of a cluster"),
    pytest.param("from dask_jobqueue import SLURMCluster\ncluster = SLURMCluster()\n"
                 "c = cluster.get_client()", id="of another package's cluster"),
    pytest.param("from dask.distributed import LocalCluster, Client\n"
                 "with LocalCluster() as k, Client(k) as c:\n    pass", id="a with statement"),
    pytest.param("from dask.distributed import Client\nc = await Client(asynchronous=True)",
                 id="awaited"),
    pytest.param("from dask.distributed import Client\ntry:\n    c\nexcept NameError:\n"
                 "    c = Client()", id="made where there is none"),
    pytest.param("from dask.distributed import Client\nc = None\nif c is None:\n    c = Client()",
                 id="made where it is None"),
    pytest.param("from dask.distributed import Client\ndef make():\n    return Client()\n"
                 "c = make()", id="made by a function"),
    pytest.param("%load_ext dask_lens\nfrom dask.distributed import Client\n%time c = Client()",
                 id="made in a magic"),
    pytest.param("from dask.distributed import Client\na = c = Client()", id="two names at once"),
    pytest.param("from dask.distributed import Client\nc, n = Client(), 2", id="unpacked"),
    pytest.param("from dask.distributed import Client\nprint(c := Client())", id="walrus"),
]  # fmt: skip


@pytest.mark.parametrize("before", CLIENTS)
def test_a_client_is_known(before: str) -> None:
    assert calls(before, "c.submit(f, 1)") == ["distributed.Client.submit"]


MADE = "from dask.distributed import *\nimport dask\nfrom dask import delayed\nc = Client()"
FUTURES = [
    pytest.param("fut = c.submit(f, 1)", id="submitted"),
    pytest.param("fut = c.map(f, [1])[0]", id="one of a map"),
    pytest.param("fut, = c.map(f, [1])", id="unpacked from a map"),
    pytest.param("for fut in c.map(f, [1]):\n    pass", id="in a loop over a map"),
    pytest.param("for fut in as_completed(c.map(f, [1])):\n    pass", id="as completed"),
    pytest.param("for i, fut in enumerate(c.map(f, [1])):\n    pass", id="enumerated"),
    pytest.param("for i, fut in zip([1], c.map(f, [1])):\n    pass", id="zipped"),
    pytest.param("fs = []\nfor i in x:\n    fs.append(c.submit(f, i))\nfut = fs[0]", id="added"),
    pytest.param("fs = {}\nfor i in x:\n    fs[i] = c.submit(f, i)\nfut = fs[1]", id="in a dict"),
    pytest.param("fs = {i: c.submit(f, i) for i in x}\nfor k, fut in fs.items():\n    pass",
                 id="in a dict comprehension"),
    pytest.param("fs = [c.submit(f, i) for i in x]\nfs += [c.submit(f, 3)]\nfut = fs.pop()",
                 id="in a list comprehension, popped"),
    pytest.param("fut = c.scatter(x)", id="scattered"),
    pytest.param("fut = c.compute(delayed(f)(1))", id="computed by the client"),
    pytest.param("fut = c.submit(f, 1) if x else None", id="or None"),
    pytest.param("def go(client):\n    return client.submit(f)\nfut = go(c)",
                 id="made by a function that was given the client"),
]  # fmt: skip


@pytest.mark.parametrize("before", FUTURES)
def test_a_future_is_known(before: str) -> None:
    assert calls(MADE, before, "fut.result()") == ["distributed.Future.result"]


NOT_FUTURES = [
    pytest.param("fut = c.submit(f, 1).result()", id="its result"),
    pytest.param("fut = c.gather(c.map(f, [1]))", id="gathered"),
    pytest.param("fut = await c.submit(f, 1)", id="awaited"),
    pytest.param("fut = c.submit(f, 1) if x else 3", id="a future or a number"),
    pytest.param("fut = c.submit(f, 1).key", id="its key"),
]


@pytest.mark.parametrize("before", NOT_FUTURES)
def test_no_future_is_known(before: str) -> None:
    assert calls(MADE, before, "fut.result()") == []


LAZY = [
    pytest.param("d = delayed(f)(1)", "dask.Delayed", id="delayed"),
    pytest.param("d = dask.delayed(f)(1)", "dask.Delayed", id="delayed by its full name"),
    pytest.param("@delayed\ndef g(x): return x\nd = g(1)", "dask.Delayed", id="decorated"),
    pytest.param("@delayed(pure=True)\ndef g(x): return x\nd = g(1)", "dask.Delayed",
                 id="decorated with options"),
    pytest.param("d = delayed(f)(1) + 2", "dask.Delayed", id="a sum of one and a number"),
    pytest.param("d = sum([delayed(f)(i) for i in x])", "dask.Delayed", id="a sum of several"),
    pytest.param("d = delayed(f)(1)[0].name", "dask.Delayed", id="an attribute of an item"),
    pytest.param("import dask.array as da\nd = da.ones(3).sum()", "dask.array.Array", id="array"),
    pytest.param("import dask.dataframe as dd\nd = dd.read_csv('x').groupby('a').b.mean()",
                 "dask.dataframe.DataFrame", id="dataframe"),
    pytest.param("import dask.bag as db\nd = db.from_sequence([1]).map(f)", "dask.bag.Bag",
                 id="bag"),
    pytest.param("import dask.bag as db\nd = db.range(3, 1).sum()", "dask.bag.Item",
                 id="one item of a bag"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "kind"), LAZY)
def test_a_collection_is_known(before: str, kind: str) -> None:
    assert calls(MADE, before, "d.compute()") == [f"{kind}.compute"]


def test_cells_of_the_same_text_are_two_cells() -> None:
    cells = [MADE, "c.submit(f, 1)", "x = c.gather(fut)", "c.submit(f, 1)"]
    program = read([Cell(source) for source in cells])
    found = program.by_name["distributed.Client.submit"]
    assert [call.cell for call in found] == [1, 3]


def test_functions_see_the_names_of_later_cells() -> None:
    cells = [
        "def go():\n    client.submit(f)",
        "from distributed import Client\nclient = Client()",
    ]
    program = read([Cell(source) for source in cells])
    assert "distributed.Client.submit" in [call.name for call in program.calls]


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("def f(n):\n    return f(n - 1)\nf(3)", id="a function that calls itself"),
        pytest.param("def f():\n    return g()\ndef g():\n    return f()\nf()", id="two in turn"),
        pytest.param("x = " + "+".join(["1"] * 3000), id="a very long sum"),
        pytest.param("x = 1\n" + "x = [x, x]\n" * 300, id="items of items of items"),
        pytest.param("y = x = 1\n" + "x = x + x\n" * 300, id="doubled over and over"),
        pytest.param("class A:\n    def f(self):\n        return lambda: self", id="a method"),
        pytest.param("match x:\n  case {'a': b, **c}:\n    pass\n  case [d, *e]:\n    e",
                     id="a match statement"),
        pytest.param("try:\n    pass\nexcept* ValueError as e:\n    e", id="an exception group"),
        pytest.param("async def f():\n    async for x in y:\n        yield x\n    return",
                     id="an asynchronous generator"),
        pytest.param("def f(a, /, b=1, *c, d: int = 2, **e): global x; x = 1; nonlocal_ = x",
                     id="every kind of parameter"),
        pytest.param("for x[0] in y: pass\nwith a as (b, c.d): pass\n[*p, q] = r\ns: int",
                     id="unusual targets"),
        pytest.param("f(*a, **b)(c)[d](e).g(h)", id="calls of calls"),
    ],
)  # fmt: skip
def test_reading_never_fails(source: str) -> None:
    program = read([Cell(MADE), Cell(source)])
    assert isinstance(program.calls, tuple)
    assert isinstance(program.functions, tuple)


def test_functions_that_call_each_other_in_ever_other_ways_take_bounded_work(
    monkeypatch,
):
    read_bodies = []
    original = Program._read_body

    def counted(self, function, given):
        read_bodies.append(function.name)
        return original(self, function, given)

    monkeypatch.setattr(Program, "_read_body", counted)
    lines = ["from distributed import Client", "import dask"]
    for n in range(9):
        calls = [f"    f{n + 1}(x, dask.delayed(abs)({k}))" for k in range(9)]
        lines += [f"def f{n}(x, y):", *calls, f"    f{n}(y, x)"]
    lines += ["def f9(x, y):", "    return x", "f0(Client(), dask.delayed(abs)(1))"]
    assert len(read([Cell("\n".join(lines))]).calls) > 80
    assert len(read_bodies) < 5000

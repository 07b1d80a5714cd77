from __future__ import annotations

import pytest
from proposing import propose, refused, rewritten

from dask_lens import rewrites
from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Proposal

NAME = "return-data"
SETUP = "from dask.distributed import Client\nclient = Client()"
USE = "client.submit(f, 1)"
IMPORT = "from dask.distributed import get_client\n"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        pytest.param("def f(x):\n    return get_client().submit(g, x)", "scatter", id="a submit"),
        pytest.param("def f(x):\n    c = get_client()\n    fut = c.scatter(x)\n    wait(fut)\n"
                     "    return fut", "more than", id="a future that is waited for"),
        pytest.param("def f(x):\n    c = get_client()\n    for i in x:\n        out = c.scatter(i)"
                     "\n        out = c.scatter(out)\n    return out", "straight",
                     id="a name that is given twice"),
        pytest.param("f = lambda x: get_client().scatter(x)  # return", "lambda", id="a lambda"),
        pytest.param("async def f(x):\n    return await get_client().scatter(x)", "asynchronous",
                     id="an asynchronous task"),
        pytest.param("def f(x):\n    c = get_client()\n    return c.scatter(*x)", "one piece",
                     id="data that is unpacked"),
        pytest.param("def f(x):\n    return x", "no function", id="a function that is right"),
        pytest.param("def h(x):\n    return get_client().scatter(x)\ndef f(x):\n"
                     "    return(h(x))", "another function",
                     id="a future of another function"),
    ],
)  # fmt: skip
def test_it_leaves_alone(source: str, reason: str) -> None:
    at = "return(" if "return(" in source else "return"
    assert reason in refused(NAME, SETUP, IMPORT + source, USE, at=at, cell=1)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "def f(x):\n    c = get_client()\n    data = g(x)\n    return c.scatter(data)  # send",
            "def f(x):\n    data = g(x)\n    return data  # send",
            id="a name for the client",
        ),
        pytest.param(
            "def f(x):\n    return get_client().scatter(x + 1)",
            "def f(x):\n    return x + 1",
            id="a client without a name",
        ),
        pytest.param(
            "def f(x):\n    c = get_client()\n    fut = c.scatter(x)\n    return fut",
            "def f(x):\n    return x",
            id="a future with a name, returned at once",
        ),
        pytest.param(
            "def f(x):\n    c = get_client()\n    fut = c.scatter(g(x))\n"
            "    print(1)\n    return fut",
            "def f(x):\n    fut = g(x)\n    print(1)\n    return fut",
            id="a future with a name, returned later",
        ),
        pytest.param(
            "def f(x):\n    # ask the scheduler\n    c = get_client()\n\n    return c.scatter(x)",
            "def f(x):\n    # ask the scheduler\n\n    return x",
            id="a comment above the client stays",
        ),
        pytest.param(
            "def f(x):\n    c = get_client()\n    return {'a': c.scatter(x), 'b': [c.scatter(1)]}",
            "def f(x):\n    return {'a': x, 'b': [1]}",
            id="inside a dict and a list",
        ),
        pytest.param(
            "def f(x):\n    c = get_client()\n    return [c.scatter(i) for i in x]",
            "def f(x):\n    return [i for i in x]",
            id="a comprehension",
        ),
        pytest.param(
            "def f(x):\n    c = get_client()\n    return c.scatter(\n        x\n"
            "        + 1\n    )",
            "def f(x):\n    return (x\n        + 1)",
            id="data over two lines",
        ),
        pytest.param(
            "def f(x):\n    c = get_client()\n    return c.scatter(i for i in x)",
            "def f(x):\n    return (i for i in x)",
            id="a generator",
        ),
        pytest.param(
            "def f(x):\n    c = get_client()\n    n = c.ncores()\n    return c.scatter(x)",
            "def f(x):\n    c = get_client()\n    n = c.ncores()\n    return x",
            id="a client with another use stays",
        ),
        pytest.param(
            "%load_ext dask_lens\n@delayed\ndef f(x):\n\tc = get_client()\n\t!ls\n"
            "\treturn c.scatter(x)\n%time 1",
            "%load_ext dask_lens\n@delayed\ndef f(x):\n\t!ls\n\treturn x\n%time 1",
            id="between magics, with tabs",
        ),
    ],
)
def test_the_data_is_returned(before: str, after: str) -> None:
    found, safety = rewritten(NAME, SETUP, IMPORT + before, USE, at="return", cell=1)
    kept = IMPORT if "get_client" in after else ""
    assert (found, safety) == (kept + after, "same")


def test_options_of_scatter_are_asked_about() -> None:
    before = "def f(x):\n    return get_client().scatter(x, broadcast=True)"
    after = "def f(x):\n    return x"
    assert rewritten(NAME, SETUP, IMPORT + before, USE, at="return", cell=1) == (after, "ask")


def test_a_with_block_that_is_needless_goes() -> None:
    before = (
        "from dask.distributed import Client, worker_client, wait\n\ndef f(x):\n"
        "    # why\n    with worker_client() as c:\n        y = x + 1\n"
        "        return c.scatter(y)\n"
    )
    after = (
        "from dask.distributed import Client, wait\n\ndef f(x):\n"
        "    # why\n    y = x + 1\n    return y\n"
    )
    assert rewritten(NAME, SETUP, before, USE, at="return", cell=1) == (after, "same")


def test_an_import_that_another_cell_needs_stays() -> None:
    before = IMPORT + "def f(x):\n    return get_client().scatter(x)"
    after = IMPORT + "def f(x):\n    return x"
    other = "def h():\n    get_client()"
    assert rewritten(NAME, SETUP, before, USE, other, at="return", cell=1) == (after, "same")


def test_an_import_stays_where_cells_below_may_not_have_run_yet() -> None:
    sources = (SETUP, IMPORT + "def f(x):\n    return get_client().scatter(x)", USE)
    cells = tuple(Cell(source, str(i), i + 1) for i, source in enumerate(sources))
    made = rewrites.catalogue()[NAME].propose(cells, Place(1, 3), {})
    assert isinstance(made, Proposal)
    assert [edit.after for edit in made.edits] == [IMPORT + "def f(x):\n    return x"]


def test_the_blank_lines_below_a_first_import_go_with_it() -> None:
    before = IMPORT + "\n\ndef f(x):\n    return get_client().scatter(x)\n"
    after = "def f(x):\n    return x\n"
    assert rewritten(NAME, SETUP, before, USE, at="return", cell=1) == (after, "same")


# --- the future of the task is the handle -----------------------------------------------------

TASK = IMPORT + "def f(x):\n    return get_client().scatter(x)"
MENDED = "def f(x):\n    return x"
FETCHED = "data = client.submit(f, 1).result()\n"


def cells_after(*sources: str) -> dict[int, str]:
    made = propose(NAME, (SETUP, TASK, *sources), "return", 1)
    assert isinstance(made, Proposal)
    assert made.safety == "same"
    return {edit.cell: edit.after for edit in made.edits if edit.cell is not None}


@pytest.mark.parametrize(
    "sources",
    [
        pytest.param([FETCHED], id="nothing is known of what comes later"),
        pytest.param([FETCHED + "data.sum()\nclient.submit(g, data)"], id="it is used here"),
        pytest.param([FETCHED, "client.submit(g, data)", "print(data)"], id="it is printed later"),
        pytest.param([FETCHED + "client.submit(data)"], id="it is a function"),
        pytest.param([FETCHED + "client.submit(g, [data])"], id="it goes into a list"),
        pytest.param([FETCHED + "client.map(g, data)"], id="it is mapped over"),
        pytest.param([FETCHED + "client.submit(g, data)\ndef h(): return data"],
                     id="a function reads it"),
        pytest.param(["data = client.submit(f, 1).result(timeout=3)\nclient.submit(g, data)"],
                     id="the wait has a limit"),
        pytest.param(["data, x = client.submit(f, 1).result()\nclient.submit(g, data)"],
                     id="it is unpacked"),
    ],
)  # fmt: skip
def test_the_result_is_still_fetched_where(sources: list[str]) -> None:
    assert cells_after(*sources) == {1: MENDED}


@pytest.mark.parametrize(
    ("source", "after"),
    [
        pytest.param(FETCHED + "data\nclient.submit(g, data).result()",
                     "data = client.submit(f, 1)\ndata\nclient.submit(g, data).result()",
                     id="by position, and shown"),
        pytest.param("%time data = client.submit(f, 1).result()  # go\nclient.submit(g, x=data)",
                     "%time data = client.submit(f, 1)  # go\nclient.submit(g, x=data)",
                     id="by name, behind a magic"),
    ],
)  # fmt: skip
def test_it_stays_remote_where_other_tasks_alone_need_it(source: str, after: str) -> None:
    assert cells_after(source) == {1: MENDED, 2: after}

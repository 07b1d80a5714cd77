from __future__ import annotations

import pytest

from dask_lens import rewrites
from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Proposal, Untouched

SETUP = (
    "import dask.array as da\nfrom dask import delayed\nfrom dask.distributed import Client\n"
    "client = Client()\nbig = load()\n"
)


def propose(source: str, line: int) -> Proposal | Untouched:
    cells = (Cell(SETUP), Cell(source))
    arguments = {"name": "big"}
    return rewrites.catalogue()["send-once"].propose(cells, Place(1, line), arguments)


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        pytest.param("x = 1\n# all\nfs = [client.submit(f, i, big) for i in xs]  # go\n",
                     "x = 1\nbig_future = client.scatter(big)\n"
                     "# all\nfs = [client.submit(f, i, big_future) for i in xs]  # go\n", 3,
                     id="a comprehension"),
        pytest.param("for i in xs:\n    for j in i:\n        fs.append(client.submit(f, a=big))\n",
                     "big_future = client.scatter(big)\n"
                     "for i in xs:\n    for j in i:\n"
                     "        fs.append(client.submit(f, a=big_future))\n", 3, id="nested loops"),
        pytest.param("fs = client.map(f, xs, k=big)  # go\n",
                     "big_future = client.scatter(big)\n"
                     "fs = client.map(f, xs, k=big_future)  # go\n", 1, id="a map, by keyword"),
        pytest.param("fs = client.map(f, xs, [big] * len(xs))\n",
                     "big_future = client.scatter(big)\n"
                     "fs = client.map(f, xs, [big_future] * len(xs))\n", 1, id="a map, repeated"),
        pytest.param("ds = [delayed(f)(x, big) for x in xs]\n", "big_delayed = delayed(big)\n"
                     "ds = [delayed(f)(x, big_delayed) for x in xs]\n", 1, id="delayed calls"),
    ],
)  # fmt: skip
def test_it_is_scattered_before_the_loop(before: str, after: str, line: int) -> None:
    made = propose(before, line)
    assert isinstance(made, Proposal)
    assert ([edit.after for edit in made.edits], made.safety) == ([after], "ask")
    assert isinstance(propose(after, line + 1), Untouched)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        pytest.param("client.submit(f, big)", "not in a loop", id="no loop"),
        pytest.param("r = delayed(f)(big)", "not in a loop", id="a delayed call, once"),
        pytest.param("x = da.from_array(big)", "let a task load it", id="a collection"),
        pytest.param("[Client().submit(f, big) for i in xs]", "has a name", id="no client"),
        pytest.param("big_future = 1; [client.submit(f, big) for i in xs]", "taken", id="taken"),
        pytest.param("[client.submit(f, big[0]) for i in xs]", "no task", id="a part of it"),
    ],
)
def test_it_leaves_alone(source: str, reason: str) -> None:
    made = propose(source, 1)
    assert isinstance(made, Untouched)
    assert reason in made.reason


def tried(source: str, line: int) -> Proposal | Untouched:
    setup = "import numpy as np\nfrom dask.distributed import Client\nbig = np.ones(10**8)\n"
    arguments = {"name": "big"}
    return rewrites.catalogue()["send-once"].propose(
        (Cell(setup), Cell(source)), Place(1, line), arguments
    )


def test_an_asynchronous_client_is_awaited() -> None:
    source = (
        "c = await Client(asynchronous=True)\nasync def go():\n"
        "    return [c.submit(f, i, big) for i in xs]\n"
    )
    made = tried(source, 3)
    assert isinstance(made, Proposal), made
    assert "    big_future = await c.scatter(big)\n    return [" in made.edits[0].after


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("c = await Client(asynchronous=True)\ndef go():\n"
                     "    return [c.submit(f, i, big) for i in xs]\n", id="a plain function"),
        pytest.param("c = Client()\nasync def go():\n"
                     "    return [c.submit(f, i, big) for i in xs]\n", id="asynchronous code"),
    ],
)  # fmt: skip
def test_where_nothing_can_be_awaited_it_is_left(source: str) -> None:
    made = tried(source, 3)
    assert isinstance(made, Untouched)
    assert "awaited" in made.reason

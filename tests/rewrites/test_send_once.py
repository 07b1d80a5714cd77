from __future__ import annotations

import pytest

from dask_lens import rewrites
from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Proposal, Untouched

SETUP = "from dask.distributed import Client\nclient = Client()\nbig = load()\n"


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
        pytest.param("[Client().submit(f, big) for i in xs]", "no name", id="no client"),
        pytest.param("big_future = 1; [client.submit(f, big) for i in xs]", "taken", id="taken"),
        pytest.param("[client.submit(f, big[0]) for i in xs]", "no submit", id="a part of it"),
    ],
)
def test_it_leaves_alone(source: str, reason: str) -> None:
    made = propose(source, 1)
    assert isinstance(made, Untouched)
    assert reason in made.reason

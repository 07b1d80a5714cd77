from __future__ import annotations

import pytest

from dask_lens import rewrites
from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Proposal, Untouched

SETUP = "from dask.distributed import Client\nclient = Client()\ntable = load()\n"


def propose(*sources: str) -> Proposal | Untouched:
    cells = tuple(Cell(source) for source in (SETUP, *sources))
    place = Place(len(sources), 1)
    return rewrites.catalogue()["pass-captured"].propose(cells, place, {"name": "table"})


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(("def f(x):  # row\n    return table[x]\n", "fs = client.map(f, 'ab')  # go"),
                     ("def f(x, table):  # row\n    return table[x]\n",
                      "fs = client.map(f, 'ab', table=client.scatter(table))  # go"),
                     id="a function of another cell"),
        pytest.param(("y = client.submit(lambda: len(table))",),
                     ("y = client.submit(lambda table: len(table), table=client.scatter(table))",),
                     id="a lambda"),
    ],
)  # fmt: skip
def test_it_becomes_a_parameter(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    made = propose(*before)
    assert isinstance(made, Proposal)
    assert (sorted(e.after for e in made.edits), made.safety) == (sorted(after), "ask")
    assert isinstance(propose(*after), Untouched)


@pytest.mark.parametrize(
    ("sources", "reason"),
    [
        pytest.param(["client.map(len, 'ab')"], "not a function", id="a builtin"),
        pytest.param(["client.map(lambda x: x, 'ab')"], "not a variable", id="not read"),
        pytest.param(["client.map(lambda *x: table, 'ab')"], "no other", id="any number"),
        pytest.param(["[client.submit(lambda: table) for i in 'ab']"], "loop", id="a loop"),
        pytest.param(["def f(x): return table\nf(1)", "client.map(f, 'ab')"], "elsewhere",
                     id="a function that is called here too"),
    ],
)  # fmt: skip
def test_it_leaves_alone(sources: list[str], reason: str) -> None:
    made = propose(*sources)
    assert isinstance(made, Untouched)
    assert reason in made.reason

from __future__ import annotations

import pytest

from dask_lens import rewrites
from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Proposal, Untouched

SETUP = "from dask import delayed\n"


def propose(source: str, name: str) -> Proposal | Untouched:
    cells = (Cell(SETUP), Cell(source))
    line = next(n for n, text in enumerate(source.split("\n"), start=1) if "delayed(" in text)
    return rewrites.catalogue()["bind-argument"].propose(cells, Place(1, line), {"name": name})


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        pytest.param("delayed(f)(x)", "no call", id="another argument"),
        pytest.param("p.rate = 1\ndelayed(f)(p)", "not known how", id="an attribute"),
        pytest.param("delayed(lambda *a: g(p))()", "any number", id="a lambda of any arguments"),
    ],
)
def test_it_leaves_alone(source: str, reason: str) -> None:
    made = propose(source, "p")
    assert isinstance(made, Untouched)
    assert reason in made.reason


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("for i in x:\n    p[0] = i\n    out.append(delayed(f)(p, 1))  # go\n",
                     "for i in x:\n    p[0] = i\n    out.append(delayed(f)(p.copy(), 1))  # go\n",
                     id="a copy"),
        pytest.param("out = [delayed(f)(a=p) for i in x]",
                     "out = [delayed(f)(a=p.copy()) for i in x]",
                     id="a keyword"),
        pytest.param("out = [delayed(lambda: g(p))() for p in x]",
                     "out = [delayed(lambda p=p: g(p))() for p in x]", id="a lambda"),
        pytest.param("out = [delayed(lambda a, b: g(a, p))(1, 2) for p in x]",
                     "out = [delayed(lambda a, b, p=p: g(a, p))(1, 2) for p in x]",
                     id="a lambda with parameters"),
    ],
)  # fmt: skip
def test_each_call_has_its_own(before: str, after: str) -> None:
    made = propose(before, "p")
    assert isinstance(made, Proposal)
    assert (made.edits[0].after, made.safety) == (after, "ask")
    assert isinstance(propose(after, "p"), Untouched)

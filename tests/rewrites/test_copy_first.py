from __future__ import annotations

import pytest

from dask_lens import rewrites
from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Proposal, Untouched


def propose(source: str, argument: str = "df") -> Proposal | Untouched:
    line = next(n for n, text in enumerate(source.split("\n"), start=1) if "= 1" in text)
    rewrite = rewrites.catalogue()["copy-first"]
    return rewrite.propose((Cell(source),), Place(0, line), {"argument": argument})


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        pytest.param("x = 1", "no function", id="no function"),
        pytest.param("def f(df): df.x = 1", "one line", id="a function on one line"),
        pytest.param("f = lambda df: df.update(a = 1)", "lambda", id="a lambda"),
    ],
)
def test_it_leaves_alone(source: str, reason: str) -> None:
    made = propose(source)
    assert isinstance(made, Untouched)
    assert reason in made.reason


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("def f(df):\n    df['a'] = 1\n    return df\n",
                     "def f(df):\n    df = df.copy()\n    df['a'] = 1\n    return df\n",
                     id="a function"),
        pytest.param("@delayed\ndef f(df):\n\t'''Doc.'''\n\n\t# all\n\tif df:\n\t\tdf.a = 1\n",
                     "@delayed\ndef f(df):\n\t'''Doc.'''\n\n\tdf = df.copy()\n\t# all\n\tif df:\n"
                     "\t\tdf.a = 1\n", id="below the docstring, with tabs"),
    ],
)  # fmt: skip
def test_it_works_on_a_copy(before: str, after: str) -> None:
    made = propose(before)
    assert isinstance(made, Proposal)
    assert (made.edits[0].after, made.safety) == (after, "ask")
    assert isinstance(propose(after), Untouched)

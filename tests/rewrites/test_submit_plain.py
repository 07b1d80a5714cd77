from __future__ import annotations

import pytest
from proposing import propose, refused, rewritten

from dask_lens.rewrite import Proposal

NAME = "submit-plain"
SETUP = """\
import dask
from dask import delayed
from dask.distributed import Client
client = Client()
"""
TASK = "# all\n@delayed  # lazy\ndef f(x):\n    return x\n"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        pytest.param("g = delayed(f)\nclient.submit(g, 1)", "not known", id="another name"),
        pytest.param("client.submit(len, 1)", "no submit", id="a plain function"),
    ],
)
def test_it_leaves_alone(source: str, reason: str) -> None:
    assert reason in refused(NAME, SETUP, source, at="submit")


def test_a_function_that_is_called_lazily_elsewhere_stays_lazy() -> None:
    assert "elsewhere" in refused(NAME, SETUP, TASK, "f(1)", "client.map(f, xs)", at="map")


def test_the_function_is_taken_out_of_delayed() -> None:
    before, after = (
        "futs = client.map(dask.delayed(f), xs)  # go",
        "futs = client.map(f, xs)  # go",
    )
    assert rewritten(NAME, SETUP, before, at="map") == (after, "ask")


@pytest.mark.parametrize(
    ("task", "after"),
    [
        pytest.param(TASK, "# all\ndef f(x):\n    return x\n", id="the only decorator"),
        pytest.param("@dask.delayed(pure=True)\n# cached\n@cache\ndef f(x):\n    return x\n",
                     "# cached\n@cache\ndef f(x):\n    return x\n", id="the first of two"),
        pytest.param("@cache\n@delayed\ndef f(x): return x", "@cache\ndef f(x): return x",
                     id="the second of two"),
    ],
)  # fmt: skip
def test_the_decorator_goes(task: str, after: str) -> None:
    made = propose(NAME, (SETUP, task, "client.map(f, xs)"), "map", 2)
    assert isinstance(made, Proposal)
    assert [(edit.cell, edit.after) for edit in made.edits] == [(1, after)]

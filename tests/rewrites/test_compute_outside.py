from __future__ import annotations

import pytest
from proposing import propose, refused

from dask_lens.rewrite import Proposal

NAME = "compute-outside"
SETUP = "import dask\nfrom dask import delayed\ndef g(x): return x\n"
LIST = "@delayed\ndef f(xs):\n    return [delayed(g)(x) for x in xs]\n"
ONE = "@delayed\ndef f(x):\n    return delayed(g)(x)\n"


@pytest.mark.parametrize(
    ("task", "use", "reason"),
    [
        pytest.param(LIST, "d = f([1])", "not computed where", id="computed elsewhere"),
        pytest.param(LIST, "list(map(f, [1]))", "other ways", id="passed on"),
        pytest.param(LIST.removeprefix("@delayed\n"), "delayed(f)([1]).compute()",
                     "where it is called", id="made lazy at the call"),
    ],
)  # fmt: skip
def test_it_leaves_alone(task: str, use: str, reason: str) -> None:
    assert reason in refused(NAME, SETUP, task, use, at="return", cell=1)


@pytest.mark.parametrize(
    ("task", "use", "after"),
    [
        pytest.param(LIST, "out = f([1]).compute()  # go", "out = dask.compute(*f([1]))  # go",
                     id="a list"),
        pytest.param(LIST, "%time f([1]).compute(scheduler='sync')",
                     "%time dask.compute(*f([1]), scheduler='sync')", id="with options, timed"),
        pytest.param(ONE, "out = f(1).compute()", None, id="one lazy call"),
    ],
)  # fmt: skip
def test_the_graph_is_built_here(task: str, use: str, after: str | None) -> None:
    made = propose(NAME, (SETUP, task, use), "return", 1)
    assert isinstance(made, Proposal)
    assert made.safety == "ask"
    found = {edit.cell: edit.after for edit in made.edits}
    wanted = {1: task.removeprefix("@delayed\n")}
    assert found == (wanted if after is None else {**wanted, 2: after})

from __future__ import annotations

import pytest
from proposing import propose, refused, rewritten

from dask_lens.rewrite import Proposal

NAME = "set-single-job"


def test_it_leaves_alone_what_is_given_no_jobs() -> None:
    assert "no" in refused(NAME, "def f(x):\n    return fit(x)", at="fit")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("def f(x):\n    return Forest(n_jobs=-1, depth=3).fit(x)  # go",
                     "def f(x):\n    return Forest(n_jobs=1, depth=3).fit(x)  # go", id="all"),
        pytest.param("a = Grid(Forest(n_jobs=2), n_jobs = -1)",
                     "a = Grid(Forest(n_jobs=1), n_jobs = 1)", id="one in the other"),
    ],
)  # fmt: skip
def test_one_job(before: str, after: str) -> None:
    assert rewritten(NAME, before, at="n_jobs") == (after, "ask")


def test_where_a_library_starts_threads_there_are_only_words() -> None:
    made = propose("limit-threads", ("dask.compute(x)",), "compute", 0)
    assert isinstance(made, Proposal)
    assert (made.safety, made.edits) == ("tip", ())

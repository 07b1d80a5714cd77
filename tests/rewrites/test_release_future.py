from __future__ import annotations

import pytest
from proposing import refused, rewritten

NAME = "release-future"


@pytest.mark.parametrize(
    ("before", "after", "at"),
    [
        ("for f in fs:\n    del f  # go\n", "for f in fs:\n    f.release()  # go\n", "# go"),
        ("for f in fs: x = f; del f; y = 1", "for f in fs: x = f; f.release(); y = 1", "for"),
    ],
)
def test_the_future_is_released(before: str, after: str, at: str) -> None:
    assert rewritten(NAME, before, at=at) == (after, "ask")


@pytest.mark.parametrize(
    ("source", "reason"),
    [("del f, g", "more than one"), ("x.del_ = 1", "nothing is deleted")],
)
def test_it_leaves_alone(source: str, reason: str) -> None:
    assert reason in refused(NAME, source, at="del")

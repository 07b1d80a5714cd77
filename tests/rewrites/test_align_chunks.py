from __future__ import annotations

from proposing import propose

from dask_lens.rewrite import Proposal


def test_it_is_told_in_words_only() -> None:
    made = propose("align-chunks", ("c = a + b",), "a + b", 0)
    assert isinstance(made, Proposal)
    assert (made.safety, made.edits) == ("tip", ())

"""Rewrites of who computes: exact outside of what they change, and honest where they refuse."""

from __future__ import annotations

import pytest
from proposing import refused, rewritten

SETUP = """\
import dask
from dask.distributed import Client
lazy = dask.delayed(abs)
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("dask.config.set(chunksize=6)", "dask.config.set(chunksize=1)"),
        ("dask.config.set({'chunksize': -1, 'a': 2}) # x",
         "dask.config.set({'chunksize': 1, 'a': 2}) # x"),
        ("with dask.config.set( chunksize = 6 ):\n    pass",
         "with dask.config.set( chunksize = 1 ):\n    pass"),
    ],
    ids=["a keyword", "a dict, with a comment", "odd spaces in a block"],
)  # fmt: skip
def test_a_chunk_size_becomes_one(before: str, after: str) -> None:
    assert rewritten("reset-chunksize", SETUP, before, at="chunksize") == (after, "same")


def test_no_chunk_size_is_refused() -> None:
    assert "no chunksize" in refused("reset-chunksize", SETUP, "dask.config.set(a=1)", at="a=1")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("lazy(1).compute(scheduler='threads')", "lazy(1).compute()"),
        ("y = dask.compute(lazy(1), scheduler='processes', num_workers=4, traverse=False)",
         "y = dask.compute(lazy(1), traverse=False)"),
    ],
    ids=["a method", "other keywords that only local schedulers know"],
)  # fmt: skip
def test_a_scheduler_is_dropped(before: str, after: str) -> None:
    assert rewritten("drop-scheduler", SETUP, before, at="compute") == (after, "ask")


def test_keywords_that_cannot_be_read_are_left() -> None:
    code = "lazy(1).compute(scheduler='threads', **more)"
    assert "**" in refused("drop-scheduler", SETUP, code, at="compute")


def test_a_setting_ends_with_its_cell() -> None:
    before = """\
# look closely
dask.config.set(scheduler='sync')  # for now

y = lazy(1).compute()
# and then
for i in range(2):
    print(i)
"""
    after = """\
# look closely
with dask.config.set(scheduler='sync'):  # for now

    y = lazy(1).compute()
    # and then
    for i in range(2):
        print(i)
"""
    made = rewritten("limit-setting", SETUP, before, at="config.set")
    assert made == (after, "same")


def test_a_setting_that_nothing_follows_is_left() -> None:
    code = "dask.config.set(scheduler='sync')"
    assert "nothing follows" in refused("limit-setting", SETUP, code, at="config")
    code = "dask.config.set(scheduler='sync'); lazy(1).compute()"
    assert "same line" in refused("limit-setting", SETUP, code, at="config")
    code = "s = dask.config.set(scheduler='sync')\nlazy(1).compute()"
    assert "statement of its own" in refused("limit-setting", SETUP, code, at="config")


def test_the_client_that_is_there_is_used() -> None:
    first = SETUP + "client = Client()\n"
    before = "other = Client(n_workers=2)  # again"
    after = "other = Client.current()  # again"
    assert rewritten("use-current-client", first, before, at="Client") == (after, "ask")


def test_the_first_client_and_those_of_loops_are_left() -> None:
    code = "client = Client()"
    assert "first client" in refused("use-current-client", SETUP, code, at="Client(")
    loop = "for i in (1, 2):\n    c = Client()"
    reason = refused("use-current-client", SETUP + "a = Client()\n", loop, at="Client(")
    assert "loop" in reason
    task = "def f(n):\n    c = Client()\n    return n\nfs = a.map(f, [1])\n"
    reason = refused("use-current-client", SETUP + "a = Client()\n", task, at="Client(")
    assert "worker_client" in reason

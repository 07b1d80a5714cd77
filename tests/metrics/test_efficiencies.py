"""The efficiencies multiply to what the threads achieved."""

from __future__ import annotations

from dataclasses import astuple
from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st
from timelines import computation, task

from dask_lens.metrics.accounts import Budget
from dask_lens.metrics.efficiencies import Efficiencies, efficiencies
from dask_lens.metrics.losses import budget
from dask_lens.metrics.parallelism import parallelism

SECONDS = st.floats(0, 1e6, allow_subnormal=False)


def test_no_time_at_all_loses_nothing():
    assert efficiencies(Budget()) == Efficiencies(1, 1, 1, 1, 1)


def test_each_factor_is_the_share_left_of_what_was_left():
    spent = Budget(
        total=100, cpu=10, waiting=8, movement=2, scheduling=20, tail=10, dependencies=0, client=50
    )
    assert astuple(efficiencies(spent)) == pytest.approx((0.5, 1, 0.8, 0.5, 0.9))


def test_nothing_left_stays_nothing_without_an_error():
    assert prod(astuple(efficiencies(Budget(total=4, client=4)))) == 0


@given(st.lists(SECONDS, min_size=7, max_size=7).filter(lambda accounts: sum(accounts) > 1e-3))
def test_the_product_is_the_share_of_time_in_tasks(accounts):
    spent = Budget(sum(accounts), *accounts)
    share = (spent.cpu + spent.waiting) / spent.total
    assert prod(astuple(efficiencies(spent))) == pytest.approx(share, abs=1e-9)


def test_the_product_is_the_parallelism_over_the_threads():
    run = computation(
        task("a", 0.5, 1.5), task("b", 1.5, 4, movement=0.25, thread=1), stop=5, threads=4,
        edges=[("a", "b")],
    )  # fmt: skip
    spent = budget([run])
    reached = parallelism([run])
    assert spent is not None
    assert reached is not None
    product = prod(astuple(efficiencies(spent)))
    assert product == pytest.approx(reached.achieved / reached.threads)

from __future__ import annotations

import pytest
from taking_turns import found, ran

from dask_lens.record.computation import Computation
from dask_lens.rules.stragglers import rule

SILENT = [
    pytest.param(ran([1.0] * 8), id="all alike"),
    pytest.param(ran([9.0, *[1.0] * 9]), id="the long one first"),
    pytest.param(ran([0.001] * 7 + [0.1]), id="over soon"),
    pytest.param(ran([0.1, 5.0]), id="two of a kind"),
    pytest.param(ran([1.0] * 7 + [9.0], threads=1), id="one thread"),
]


@pytest.mark.parametrize("computation", SILENT)
def test_it_is_silent_for(computation: Computation) -> None:
    assert found(rule, computation) == []


def test_a_straggler_costs_the_time_in_which_the_others_had_nothing_to_do() -> None:
    [finding] = found(rule, ran([1.0] * 6 + [9.0]))
    assert finding.cost == pytest.approx(9.0 / 2)
    assert "One of 7 tasks f took 9.0 s, 9 times the median" in finding.message

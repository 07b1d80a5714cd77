from __future__ import annotations

import pytest
from taking_turns import found, ran

from dask_lens.record.computation import Computation
from dask_lens.rules.tiny_tasks import rule

SILENT = [
    pytest.param(ran([0.001] * 900, 0.01), id="too few to matter"),
    pytest.param(ran([0.02] * 1200, 0.05), id="not so tiny"),
    pytest.param(ran([0.001] * 1200 + [9.0, 9.0], 0.001), id="a few long ones"),
    pytest.param(ran([0.005] * 1200, 0.0001), id="tiny, and soon handled"),
]


@pytest.mark.parametrize("computation", SILENT)
def test_it_is_silent_for(computation: Computation) -> None:
    assert found(rule, computation) == []


def test_tiny_tasks_cost_the_time_that_is_not_theirs() -> None:
    [finding] = found(rule, ran([0.001] * 2000, 0.009))
    assert finding.cost == pytest.approx(10.0 - 2.0)
    assert "2000 tasks of 1 ms took 10.0 s" in finding.message

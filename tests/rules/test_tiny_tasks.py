from __future__ import annotations

import pytest
from taking_turns import found, ran

from dask_lens.record.call import ObservedCall
from dask_lens.record.cell import Cell, Place
from dask_lens.record.computation import Computation
from dask_lens.record.run import Run
from dask_lens.rule import Finding
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


@pytest.mark.parametrize(
    ("facts", "count", "told"),
    [
        pytest.param({"keys": 1_000_000}, 1, [1_000_000], id="a million at once"),
        pytest.param({"keys": 10_000}, 1, [], id="ten thousand"),
        pytest.param({"keys": 100_000}, 50, [], id="a hundred thousand in fifty calls"),
        pytest.param({}, 1, [], id="a number that is not known"),
    ],
)
def test_a_map_of_very_many_is_told_of_before_it_has_run(
    facts: dict[str, int], count: int, told: list[int]
) -> None:
    call = ObservedCall("distributed.Client.map", Place(0, 1), 0.0, 0.0, count, dict(facts))
    run = Run((Cell("client.map(f, xs)"),), 0, 0.0, calls=(call,))
    likely = [one for one in rule.run(run, {}) if isinstance(one, Finding)]
    assert [one.evidence["n_tasks"] for one in likely] == told
    assert all("1,000,000 tasks are asked for at once" in one.message for one in likely)
    over = Run((Cell("client.map(f, xs)"),), 0, 0.0, 9.0, calls=(call,))
    assert list(rule.run(over, {})) == []

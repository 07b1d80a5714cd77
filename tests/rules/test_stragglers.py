from __future__ import annotations

from dataclasses import replace

import pytest
from taking_turns import found, ran

from dask_lens.record.computation import Computation
from dask_lens.record.graph import Graph
from dask_lens.record.task import Task
from dask_lens.rules.stragglers import rule


def followed(computation: Computation, beside: float = 0.0) -> Computation:
    """Let one more task follow that needs all of them, and one of another kind run beside."""
    stop = computation.stop or 0.0
    others = [Task("sum-0", "sum", "w", 0, stop, stop + 0.5)]
    if beside:
        others.append(Task("g-0", "g", "w", 1, stop - beside, stop))
    tasks = (*computation.tasks, *others)
    graph = Graph(tuple(task.key for task in tasks), ((),) * len(tasks))
    busy = computation.busy + 0.5 + beside
    return replace(
        computation, tasks=tasks, n_tasks=len(tasks), busy=busy, stop=stop + 0.5, graph=graph
    )


SILENT = [
    pytest.param(ran([1.0] * 8), id="all alike"),
    pytest.param(ran([9.0, *[1.0] * 9]), id="the long one first"),
    pytest.param(ran([0.001] * 7 + [0.1]), id="over soon"),
    pytest.param(ran([0.1, 5.0]), id="two of a kind"),
    pytest.param(ran([1.0] * 7 + [9.0], threads=1), id="one thread"),
    pytest.param(followed(ran([1.0] * 8)), id="all alike, and put together"),
    pytest.param(followed(ran([9.0, *[1.0] * 9])), id="the long one first, and put together"),
    pytest.param(followed(ran([1.0] * 7 + [9.0]), beside=8.0), id="other tasks run meanwhile"),
]


@pytest.mark.parametrize("computation", SILENT)
def test_it_is_silent_for(computation: Computation) -> None:
    assert found(rule, computation) == []


def test_a_straggler_costs_the_time_in_which_the_others_had_nothing_to_do() -> None:
    [finding] = found(rule, ran([1.0] * 6 + [9.0]))
    assert finding.cost == pytest.approx(9.0 / 2)
    assert "One of 7 tasks f took 9.0 s, 9 times the median" in finding.message


def test_it_is_found_where_its_result_is_put_together_with_the_others() -> None:
    [finding] = found(rule, followed(ran([1.0] * 6 + [9.0])))
    assert finding.cost == pytest.approx(9.0 / 2)


def test_a_task_that_needs_the_others_of_its_kind_is_none() -> None:
    computation = followed(ran([1.0] * 6 + [9.0]))
    *others, longest, last = computation.tasks
    late = replace(longest, ready=longest.start)
    changed = replace(computation, tasks=(*others, late, last))
    assert found(rule, changed) == []

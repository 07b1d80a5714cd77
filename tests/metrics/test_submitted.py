"""Tasks that came because others had ended."""

from __future__ import annotations

from dataclasses import replace

import pytest
from timelines import EPOCH, computation, task

from dask_lens.metrics.change import Change
from dask_lens.metrics.estimate import Estimate
from dask_lens.metrics.submitted import submitted
from dask_lens.metrics.whatif import predict
from dask_lens.record.computation import Computation
from dask_lens.record.graph import Graph
from dask_lens.record.run import NotJudged

LONG = 0.2


def came(*times: float, until: float, waits: float = 0.004) -> Computation:
    """Return naps of one worker that were submitted at these times."""
    now, tasks = 0.0, []
    for number, when in enumerate(times):
        start = max(now, when) + waits
        now = start + LONG
        tasks.append(replace(task(f"nap-{number}", start, now), ready=EPOCH + when))
    keys = tuple(t.key for t in tasks)
    made = computation(*tasks, stop=until, threads=1)
    return replace(made, scheduler="distributed", graph=Graph(keys, ((),) * len(keys)))


def upon(ran: Computation) -> tuple[int | None, ...]:
    return submitted(ran.tasks, ran.graph.dependencies, ran.start).after


def test_tasks_of_one_burst_wait_for_nothing() -> None:
    assert upon(came(*[0.0005 * i for i in range(6)], until=1.3)) == (None,) * 6


def test_a_task_that_comes_with_the_result_of_another_waits_for_it() -> None:
    ran = came(0.0, 0.207, 0.414, until=0.62)
    assert upon(ran) == (None, 0, 1)
    for workers in (1, 4):
        made = predict(ran, Change(workers=workers))
        assert isinstance(made, Estimate)
        assert made.mid == pytest.approx(0.62, rel=0.05)


def test_a_burst_that_comes_with_a_result_waits_for_it() -> None:
    ran = came(0.0, 0.0, 0.207, 0.2075, until=0.83)
    assert upon(ran) == (None, None, 0, 0)


def test_tasks_that_were_there_at_once_are_faster_with_more_workers() -> None:
    made = predict(came(0.0, 0.0, 0.0, 0.0, until=0.82), Change(workers=4))
    assert isinstance(made, Estimate)
    assert made.mid == pytest.approx(0.22, abs=0.03)


def test_tasks_that_come_as_time_goes_on_are_not_judged() -> None:
    ran = came(0.0, 0.1, 0.2, 0.3, until=0.83)
    assert upon(ran) == (None,) * 4
    outcome = predict(ran, Change(workers=4))
    assert isinstance(outcome, NotJudged)
    assert "submitted one after another" in outcome.reason

from __future__ import annotations

import pytest

from dask_lens.record.cell import Cell, Place
from dask_lens.record.computation import Computation
from dask_lens.record.run import Run
from dask_lens.record.task import Task
from dask_lens.rule import Finding
from dask_lens.rules.transfer_heavy import rule


def judged(movement: float, duration: float, *, scheduler: str = "distributed") -> list[Finding]:
    tasks = tuple(
        Task(f"f-{n}", "f", "tcp://a", n, 1.0, 1.0 + duration, movement=movement) for n in range(4)
    )
    ran = Computation(scheduler, 1.0, 9.0, 4, tasks, 4, 4 * duration, Place(0, 1))
    run = Run((Cell("fs = client.map(f, xs)"),), 0, 0.0, 9.0, (ran,))
    return [one for one in rule.run(run, {}) if isinstance(one, Finding)]


@pytest.mark.parametrize(
    ("movement", "duration", "scheduler"),
    [
        pytest.param(0.0, 1.0, "distributed", id="nothing moves"),
        pytest.param(0.4, 1.0, "distributed", id="less than half of the work"),
        pytest.param(0.01, 0.001, "distributed", id="more, of next to nothing"),
        pytest.param(1.0, 0.1, "processes", id="a local scheduler"),
    ],
)
def test_it_is_silent_where(movement: float, duration: float, scheduler: str) -> None:
    assert judged(movement, duration, scheduler=scheduler) == []


def test_it_is_found_with_the_seconds() -> None:
    [finding] = judged(1.0, 0.5)
    assert "4 tasks waited 4.0 s" in finding.message
    assert "ran for 2.0 s" in finding.message
    assert finding.cost == pytest.approx(1.0)

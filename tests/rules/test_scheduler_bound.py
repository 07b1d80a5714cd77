from __future__ import annotations

from dataclasses import replace

import pytest
from taking_turns import found, ran

from dask_lens.record.call import ObservedCall
from dask_lens.record.cell import Cell
from dask_lens.record.computation import Computation
from dask_lens.record.run import Run
from dask_lens.rules import graph_too_large, tiny_tasks
from dask_lens.rules.scheduler_bound import rule


def handed_out(
    seconds: float, pause: float, tasks: int = 2000, scheduler: str = "distributed"
) -> Computation:
    """Return a computation on twenty threads, each of which waits before each task."""
    return replace(ran([seconds] * tasks, pause, threads=20), scheduler=scheduler)


SLOW = handed_out(0.01, 0.03)
SILENT = [
    pytest.param(handed_out(0.01, 0.03, scheduler="threads"), id="no cluster"),
    pytest.param(handed_out(0.1, 0.03), id="threads that are busy enough"),
    pytest.param(handed_out(0.01, 0.03, tasks=200), id="a few tasks"),
    pytest.param(handed_out(0.5, 0.5, tasks=400), id="so few a second that it waits for others"),
    pytest.param(replace(SLOW, threads=1), id="one thread"),
    pytest.param(replace(SLOW, status="erred"), id="an error"),
    pytest.param(replace(SLOW, graph=None), id="tasks of which it is not known when they could"),
]


@pytest.mark.parametrize("computation", SILENT)
def test_it_is_silent_for(computation: Computation) -> None:
    assert found(rule, computation) == []


def test_a_slow_scheduler_costs_the_time_in_which_threads_were_idle() -> None:
    [finding] = found(rule, SLOW)
    assert finding.cost == pytest.approx(4.0 * 0.75, rel=0.02)
    assert "The scheduler handed out 504 tasks a second" in finding.message
    assert "too few for 20 threads: they were idle for 75% of the time" in finding.message
    [fix] = finding.fixes
    assert fix.arguments == {"size": 10}


def test_one_cause_is_told_once() -> None:
    assert found(tiny_tasks.rule, SLOW) == found(graph_too_large.rule, SLOW) == []
    tiny = handed_out(0.0001, 0.01)
    assert len(found(tiny_tasks.rule, tiny)) == 1
    assert found(rule, tiny) == []


def test_an_event_loop_that_a_task_stopped_is_another_matter() -> None:
    stopped = ObservedCall("logging.event-loop", None, 0.0, 1.0, 1, {"kind": "event-loop"})
    run = Run((Cell("fs = client.map(f, xs)"),), 0, 0.0, 9.0, (SLOW,), calls=(stopped,))
    assert list(rule.run(run, {})) == []

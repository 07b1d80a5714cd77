from __future__ import annotations

from dask_lens.record.call import ObservedCall
from dask_lens.record.cell import Cell, Place
from dask_lens.record.computation import Computation
from dask_lens.record.run import Run
from dask_lens.rule import Finding
from dask_lens.rules.event_loop_blocked import rule


def run_with(seconds: float, *computations: Computation) -> Run:
    facts = {"kind": "event-loop", "seconds": seconds, "where": "Worker"}
    calls = (ObservedCall("logging.event-loop", None, 5.0, 6.0, 1, facts),)
    return Run((Cell("x"),), 0, 0.0, 9.0, computations, calls=calls)


def found(run: Run) -> list[Finding]:
    return [finding for finding in rule.run(run, {}) if isinstance(finding, Finding)]


def test_it_is_silent_where_nothing_was_logged() -> None:
    assert found(Run((Cell("x"),), 0, 0.0, 9.0)) == []


def test_it_is_silent_where_a_loop_stood_still_for_a_moment() -> None:
    assert found(run_with(0.5)) == []


def test_it_is_silent_about_other_logs() -> None:
    calls = (ObservedCall("logging.memory", None, 5.0, 6.0, 1, {"kind": "memory"}),)
    assert found(Run((Cell("x"),), 0, 0.0, 9.0, calls=calls)) == []


def test_it_is_laid_at_the_call_that_ran_longest_meanwhile() -> None:
    short = Computation("distributed", 1.0, 2.0, 2, busy=1.0, place=Place(0, 1))
    long = Computation("distributed", 2.0, 8.0, 2, busy=6.0, place=Place(0, 2))
    late = Computation("distributed", 8.0, 90.0, 2, busy=60.0, place=Place(0, 3))
    [finding] = found(run_with(4.5, short, long, late))
    assert finding.place == Place(0, 2)
    assert "worker stood still for 4.5 s" in finding.message


def test_it_is_told_without_a_place_where_no_call_is_known() -> None:
    [finding] = found(run_with(4.5))
    assert finding.place is None

"""What is told of measured times that are less sure than they look."""

from __future__ import annotations

import pytest

from dask_lens.compare.comparison import Row
from dask_lens.compare.engine import Plan
from dask_lens.compare.warnings import warnings_of

CALM = (1.0, 1.01, 0.99, 1.02, 0.98)


def told(*rows, rounds=5, stopped=None, busy=0.0):
    plan = Plan(rounds=7, max_time=20)
    return list(warnings_of(rows, rounds, plan, stopped, busy))


def test_nothing_is_told_of_calm_runs_on_an_idle_machine():
    assert told(Row("a", CALM, is_baseline=True), Row("b", CALM), busy=0.3) == []


@pytest.mark.parametrize(
    ("row", "more", "expected"),
    [
        (Row("a", (0.001,) * 5), {}, "runs shorter than 10 ms (a)"),
        (Row("a", (1.0, 2.0, 3.0, 1.5, 2.5)), {}, "runs vary by more than 25% (a)"),
        (Row("a", CALM[:2]), {"rounds": 2}, "2 rounds: too few"),
        (Row("a", CALM[:1]), {"rounds": 1}, "1 round: too few"),
        (Row("a", (*CALM, 9.0)), {}, "outliers, kept in the numbers: a round 6"),
        (Row("a", CALM), {"busy": 1.5}, "other programs kept 1.5 cores busy"),
        (
            Row("a", CALM),
            {"stopped": "it was interrupted"},
            "it was interrupted after 5 of 7 rounds (max_time 20 s)",
        ),
        (Row("a", CALM, results_equal=False), {}, "results differ from those of the baseline: a"),
        (
            Row("a", CALM, results_equal=False, is_baseline=True),
            {},
            "the results of a differ from run to run",
        ),
        (Row("a", CALM, doubt="no __eq__"), {}, "results could not be compared (a): no __eq__"),
        (
            Row("a", CALM, reused=1),
            {},
            "a: 1 result the cell asks for was in",
        ),
        (
            Row("a", CALM, startup=1.5, paid_each_time=True),
            {},
            "a: every compute also pays 1.5 s for new processes",
        ),
    ],
)
def test_it_is_told(row, more, expected):
    (warning,) = told(row, **more)
    assert warning.startswith(expected)

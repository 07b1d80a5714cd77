"""What a few noisy times tell, against known truth."""
# ruff: noqa: S311 - noise, not secrets

from __future__ import annotations

import math
import random

import pytest

from dask_lens.compare import statistics
from dask_lens.compare.statistics import (
    hodges_lehmann,
    outliers,
    ratio,
    serial_fraction,
    verdict,
)


def noise(kind, draw):
    """Return a factor of at most a few ten percent."""
    if kind == "normal":
        return math.exp(draw.gauss(0, 0.05))
    if kind == "skewed":
        return 1 + draw.expovariate(20)
    return (1 + abs(draw.gauss(0, 0.02))) * (1 if draw.random() < 0.9 else 1 + draw.random())


def rounds(truth, kind, draw, n=7):
    """Return the times of a variant and of the baseline, on a machine whose speed drifts."""
    drift = [1 + 0.3 * math.sin(i) for i in range(n)]
    times = [truth * d * noise(kind, draw) for d in drift]
    return times, [d * noise(kind, draw) for d in drift]


@pytest.mark.parametrize("kind", ["normal", "skewed", "spiky"])
@pytest.mark.parametrize("truth", [1.0, 1.05, 2.0])
def test_the_interval_holds_the_truth(kind, truth, monkeypatch):
    monkeypatch.setattr(statistics, "RESAMPLES", 399)
    draw = random.Random(f"{kind} {truth}")
    held = 0
    for _ in range(100):
        found = ratio(*rounds(truth, kind, draw), seed=draw.randrange(1000))
        held += found.low <= truth <= found.high
    assert held >= 93


@pytest.mark.parametrize("truth", [1.5, 2.0, 4.0])
def test_a_clear_difference_is_called_one(truth):
    draw = random.Random(1)
    assert verdict(ratio(*rounds(truth, "normal", draw))) == "slower"
    assert verdict(ratio(*rounds(1 / truth, "normal", draw))) == "faster"


def test_the_same_seed_gives_the_same_interval():
    times = rounds(1.2, "normal", random.Random(2))
    assert ratio(*times, seed=5) == ratio(*times, seed=5)


def test_drift_of_the_machine_cancels():
    drift = [1.0, 3.0, 0.5, 2.0, 1.0]
    found = ratio([2 * d for d in drift], drift)
    assert (found.low, found.mid, found.high) == pytest.approx((2, 2, 2), rel=2e-4)


@pytest.mark.parametrize("times", [[], [1.0]])
def test_one_round_tells_nothing_of_the_noise(times):
    assert ratio(times, times) is None
    assert verdict(None) == "about the same"


def test_the_centre_is_hardly_moved_by_one_disturbed_run():
    assert hodges_lehmann([1.0, 1.1, 0.9, 1.0, 50.0]) == pytest.approx(1.05, abs=0.06)


def test_no_outlier_among_equal_runs():
    assert outliers([1.0] * 7) == ()
    assert outliers([1.0, 2.0, 30.0]) == ()
    assert outliers([1.0, 1.1, 0.9, 1.05, 0.95]) == ()


def test_no_outlier_among_runs_that_hardly_differ():
    assert outliers((1.0, 1.0001, 0.9999, 1.0, 1.01)) == ()


def test_a_run_far_from_equal_ones_is_an_outlier():
    assert outliers((1.0, 1.0, 1.0, 1.0, 9.0)) == (4,)


def test_a_run_far_from_the_others_is_an_outlier():
    assert outliers([1.0, 1.1, 0.9, 1.05, 5.0]) == (4,)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5])
@pytest.mark.parametrize("workers", [2, 4, 8])
def test_the_serial_fraction_is_amdahls(share, workers):
    speedup = 1 / (share + (1 - share) / workers)
    assert serial_fraction(speedup, workers) == pytest.approx(share)


def test_one_worker_has_no_serial_fraction():
    assert serial_fraction(1.0, 1) is None


def test_what_all_runs_have_in_common_is_allowed_for_away_from_1_only():
    # Naps of 1 and 4 ms that all wake 0.15 ms late.
    found = ratio([0.00415] * 5, [0.00115] * 5)
    assert found.low == pytest.approx(found.mid)
    assert found.low < 4 < found.high
    back = ratio([0.00115] * 5, [0.00415] * 5)
    assert back.low < 1 / 4 < back.mid == pytest.approx(back.high)
    same = ratio([0.001] * 5, [0.001] * 5)
    assert (same.low, same.high) == pytest.approx((1, 1))


@pytest.mark.parametrize("n", [3, 5, 7])
@pytest.mark.parametrize("kind", ["normal", "skewed", "spiky"])
def test_few_rounds_on_a_machine_that_slows_down_hold_the_truth(kind, n, monkeypatch):
    monkeypatch.setattr(statistics, "RESAMPLES", 399)
    draw = random.Random(f"{kind} {n}")
    held = 0
    for trial in range(100):
        truth = (1.0, 1.05, 1.5, 2.0, 4.0)[trial % 5]
        base, times, order = [], [], []
        for number in range(n):
            order = order[::-1] if number % 2 else draw.sample([(base, 1.0), (times, truth)], 2)
            for runs, work in order:
                drift = 1 + 0.03 * (len(base) + len(times))
                runs.append(work * drift * noise(kind, draw))
        found = ratio(times, base, seed=trial)
        held += found.low <= truth <= found.high
    assert held >= 93

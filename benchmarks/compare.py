"""How often the 95 % interval of ``%%lens_compare`` holds the truth.

First a simulation: runs of two variants whose true ratio is known, with the noise of machines
(normal, skewed, and with spikes), as many rounds as by default. Then a small real one: naps of
known lengths on the threads scheduler, disturbed by nothing but this machine.

``python benchmarks/compare.py [TRIALS]``
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable

import dask_lens
from dask_lens.compare.statistics import ratio, verdict

RATIOS = (1.0, 1.05, 1.5, 2.0, 4.0)
ROUNDS = 7
TRIALS = 100

#: Of 100 intervals, so many hold the truth.
WANTED = 93


def normal(draw: random.Random) -> float:
    """Return the factor of a machine that trembles."""
    return max(0.5, draw.gauss(1.0, 0.03))


def skewed(draw: random.Random) -> float:
    """Return the factor of a machine that is sometimes a little slower, never faster."""
    return 1.0 + draw.expovariate(1 / 0.05)


def spiky(draw: random.Random) -> float:
    """Return the factor of a machine that is interrupted now and then."""
    return normal(draw) * (1.0 + (draw.random() < 0.1) * draw.uniform(0.5, 2.0))


NOISES: dict[str, Callable[[random.Random], float]] = {
    "normal": normal,
    "skewed": skewed,
    "spiky": spiky,
}


def coverage(
    truth: float, noise: Callable[[random.Random], float], trials: int
) -> tuple[float, float]:
    """Return how many of 100 intervals hold the truth, and say ``about the same``."""
    held = same = 0
    for trial in range(trials):
        draw = random.Random(f"{truth} {noise.__name__} {trial}")  # noqa: S311 - noise, no secret
        base = [noise(draw) for _ in range(ROUNDS)]
        runs = [truth * noise(draw) for _ in range(ROUNDS)]
        found = ratio(runs, base, seed=trial)
        if found is not None:
            held += found.low <= truth <= found.high
            same += verdict(found) == "about the same"
    return 100 * held / trials, 100 * same / trials


def real(truth: float) -> str:
    """Compare two naps."""
    result = dask_lens.compare(
        {"base": lambda: time.sleep(0.05), "other": lambda: time.sleep(0.05 * truth)}
    )
    found = result.rows[1].ratio
    if found is None:
        return f"{truth:5.2f}  none"
    holds = "yes" if found.low <= truth <= found.high else "no"
    return f"{truth:5.2f}  {found.low:6.3f} {found.mid:6.3f} {found.high:6.3f}  {holds}"


def main() -> int:
    """Print both tables; return 1 where an interval holds too rarely."""
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else TRIALS
    print(f"Simulated, {trials} trials of {ROUNDS} rounds: intervals of 100 that hold the truth")
    print("noise     " + "".join(f"{truth:>8}" for truth in RATIOS) + "   same at 1.0")
    worst = 100.0
    for name, noise in NOISES.items():
        found = [coverage(truth, noise, trials) for truth in RATIOS]
        worst = min(worst, *(held for held, _ in found))
        print(f"{name:10}" + "".join(f"{held:8.1f}" for held, _ in found) + f"{found[0][1]:10.1f}")
    print("\nReal, naps of 50 ms:\ntruth     low    mid   high  holds")
    for truth in RATIOS:
        print(real(truth))
    return int(worst < WANTED)


if __name__ == "__main__":
    sys.exit(main())

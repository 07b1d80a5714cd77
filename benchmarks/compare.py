"""How often the 95 % interval of ``%%lens_compare`` holds the truth, and what it costs to know.

First a simulation: two variants whose true ratio is known, in the order of the engine, with the
noise of machines (normal, skewed, with spikes, and slowing down by 3 % with every run), in few
rounds and in as many as by default. Then a small real one: naps of known lengths, and the CPU
time that a comparison itself takes for each run.

``python benchmarks/compare.py [TRIALS]``; 200 trials take about a minute.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable

import dask_lens
from dask_lens.compare.statistics import ratio, verdict

RATIOS = (1.0, 1.05, 1.5, 2.0, 4.0)
ROUNDS = (3, 5, 7)
TRIALS = 200

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


def drifting(draw: random.Random) -> float:
    """Return the factor of a machine that trembles; the drift comes on top."""
    return normal(draw)


NOISES: dict[str, Callable[[random.Random], float]] = {
    "normal": normal,
    "skewed": skewed,
    "spiky": spiky,
    "drifting": drifting,
}


def measured(
    truth: float, noise: Callable[[random.Random], float], rounds: int, draw: random.Random
) -> tuple[list[float], list[float]]:
    """Return the times of a variant and of the baseline, every second round backwards."""
    base: list[float] = []
    runs: list[float] = []
    order = [(base, 1.0), (runs, truth)]
    for number in range(rounds):
        order = order[::-1] if number % 2 else draw.sample(order, 2)
        for times, work in order:
            drift = 1 + (noise is drifting) * 0.03 * (len(base) + len(runs))
            times.append(work * drift * noise(draw))
    return runs, base


def coverage(
    truth: float, noise: Callable[[random.Random], float], rounds: int, trials: int
) -> tuple[float, float]:
    """Return how many of 100 intervals hold the truth, and say ``about the same``."""
    held = same = 0
    for trial in range(trials):
        seed = f"{truth} {noise.__name__} {rounds} {trial}"
        draw = random.Random(seed)  # noqa: S311 - noise, no secret
        found = ratio(*measured(truth, noise, rounds, draw), seed=trial)
        if found is not None:
            held += found.low <= truth <= found.high
            same += verdict(found) == "about the same"
    return 100 * held / trials, 100 * same / trials


def real(truth: float) -> str:
    """Compare two naps."""
    began, cpu = time.perf_counter(), time.process_time()
    result = dask_lens.compare(
        {"base": lambda: time.sleep(0.02), "other": lambda: time.sleep(0.02 * truth)}
    )
    each = (time.process_time() - cpu) / 16
    took = time.perf_counter() - began
    found = result.rows[1].ratio
    if found is None:
        return f"{truth:5.2f}  none"
    holds = "yes" if found.low <= truth <= found.high else "no"
    ends = f"{found.low:6.3f} {found.mid:6.3f} {found.high:6.3f}"
    return f"{truth:5.2f}  {ends}  {holds:>5} {took:8.1f} {1000 * each:10.1f}"


def main() -> int:
    """Print both tables; return 1 where an interval holds too rarely."""
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else TRIALS
    print(f"Simulated, {trials} trials each: intervals of 100 that hold the truth")
    print("noise     rounds" + "".join(f"{truth:>8}" for truth in RATIOS) + "   same at 1.0")
    worst = 100.0
    for name, noise in NOISES.items():
        for rounds in ROUNDS:
            found = [coverage(truth, noise, rounds, trials) for truth in RATIOS]
            worst = min(worst, *(held for held, _ in found))
            held = "".join(f"{share:8.1f}" for share, _ in found)
            print(f"{name:10}{rounds:6}{held}{found[0][1]:14.1f}", flush=True)
    print("\nReal, naps of 20 ms:\ntruth     low    mid   high  holds  seconds  ms CPU/run")
    for truth in RATIOS:
        print(real(truth), flush=True)
    return int(worst < WANTED)


if __name__ == "__main__":
    sys.exit(main())

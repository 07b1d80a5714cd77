"""What a few noisy times tell, with how sure that is; pure arithmetic, no clock.

The ratio of a variant to the baseline comes from pairs of runs of one round, which shared the
machine's mood. Its centre is the Hodges-Lehmann estimator of the logarithms (the median of all
pairwise means: nearly as sharp as a mean, and hardly moved by a run that something disturbed).
Its interval is a percentile bootstrap, widened for small numbers of rounds: a bootstrap of n
values is too narrow by about sqrt((n - 1) / n), and by what Student's t has over the normal
distribution. The last, empirical part of the factor was set by simulation
(``benchmarks/compare.py``), so that the interval holds the truth at least 95 times in 100 for
normal, skewed and spiky noise, from three rounds on, on a machine whose speed drifts.

What all runs have in common and is no work (waking up, switching threads, calling the code) adds
to both times and draws their ratio towards 1. It is smaller than :data:`COMMON`, and on the side
away from 1 the interval reaches as far as that much would explain.

References: Hesterberg, What Teachers Should Know About the Bootstrap (2015), section 3.5;
Hodges and Lehmann, Estimates of Location Based on Rank Tests (1963).
"""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

#: Resamples of a bootstrap; its 2.5th percentile is then the 50th smallest.
RESAMPLES = 1999

#: What the interval is wider than theory says, times the number of rounds.
SMALL_SAMPLE = 1.4

#: Seconds of a run that may be no work: a timer that wakes late, a switch of threads. Naps are
#: up to so much longer than they should be on a busy Linux machine.
COMMON = 2e-4

#: Runs that lie further from the median than this many scaled deviations are outliers.
OUTLIER = 3.5

#: And by more than this share of it: of few runs that hardly differ, one is always the oddest.
ODD = 0.05

#: Makes the median absolute deviation of normal noise its standard deviation.
_MAD_SCALE = 1.4826

#: 97.5th percentiles of Student's t by degrees of freedom, from 1.
_T = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228)
_Z = 1.96


@dataclass(frozen=True)
class Ratio:
    """A variant's time over the baseline's; ``low`` to ``high`` holds it 95 times in 100."""

    low: float
    mid: float
    high: float


#: Of the baseline.
ITSELF = Ratio(1.0, 1.0, 1.0)


def ratio(times: Sequence[float], baseline: Sequence[float], seed: int = 0) -> Ratio | None:
    """Compare two variants that ran in the same rounds.

    Parameters
    ----------
    times, baseline
        Seconds, by round; of the longer one only the first rounds count.
    seed
        Of the resampling.

    Returns
    -------
    Ratio or None
        None for fewer than two rounds, which tell nothing of the noise, and for times of 0.
    """
    pairs = [(a, b) for a, b in zip(times, baseline, strict=False) if a > 0 and b > 0]
    if len(pairs) < 2:  # noqa: PLR2004 - one value has no spread
        return None
    logs = [math.log(a / b) for a, b in pairs]
    centre = hodges_lehmann(logs)
    draw = random.Random(seed)  # noqa: S311 - resampling, not a secret
    drawn = sorted(hodges_lehmann(draw.choices(logs, k=len(logs))) for _ in range(RESAMPLES))
    tail = round(0.025 * (RESAMPLES + 1)) - 1
    wider = _widening(len(logs))
    low = centre - (centre - drawn[tail]) * wider
    high = centre + (drawn[-1 - tail] - centre) * wider
    hidden = _hidden(
        statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)
    )
    low, high = low + min(hidden, 0.0), high + max(hidden, 0.0)
    return Ratio(math.exp(low), math.exp(centre), math.exp(high))


def _hidden(time: float, base: float) -> float:
    """Return by how much the logarithm of a ratio may be nearer to 0 than that of the work."""
    common = min(COMMON, time / 2, base / 2)
    return math.log((time - common) / (base - common)) - math.log(time / base)


def hodges_lehmann(values: Sequence[float]) -> float:
    """Return the median of all means of two values (each value with itself included)."""
    means = [
        (values[i] + values[j]) / 2 for i in range(len(values)) for j in range(i, len(values))
    ]
    return statistics.median(means)


def _widening(n: int) -> float:
    student = _T[n - 2] if n - 2 < len(_T) else _Z * (1 + (_Z**2 + 1) / (4 * (n - 1)))
    return student / _Z * math.sqrt(n / (n - 1)) * (1 + SMALL_SAMPLE / n)


def verdict(compared: Ratio | None) -> str:
    """Say in words what a ratio to the baseline means.

    Returns
    -------
    str
        ``"faster"``, ``"slower"``, or ``"about the same"`` where the interval holds 1 and
        where too few runs tell.
    """
    if compared is None or compared.low <= 1 <= compared.high:
        return "about the same"
    return "faster" if compared.high < 1 else "slower"


def outliers(times: Sequence[float]) -> tuple[int, ...]:
    """Return which runs lie far from the others, by their median absolute deviation.

    Parameters
    ----------
    times
        Seconds, by round.
    """
    if len(times) < 4:  # noqa: PLR2004 - of three, no one is the odd one
        return ()
    middle = statistics.median(times)
    spread = statistics.median(abs(t - middle) for t in times) * _MAD_SCALE
    far = max(OUTLIER * spread, ODD * middle)
    return tuple(i for i, t in enumerate(times) if abs(t - middle) > far)


def serial_fraction(speedup: float, workers: int) -> float | None:
    """Return the Karp-Flatt metric: the share of the work that more workers did not shorten.

    Parameters
    ----------
    speedup
        Time on one worker over the time on ``workers``.
    workers
        How many there were.

    Returns
    -------
    float or None
        Between 0 and 1 for ordinary runs; below 0 where more workers helped more than their
        number. None for one worker.

    References
    ----------
    Karp and Flatt, Measuring parallel processor performance, CACM 33(5), 1990.
    """
    if workers < 2 or speedup <= 0:  # noqa: PLR2004 - one worker has no speed-up
        return None
    return (1 / speedup - 1 / workers) / (1 - 1 / workers)

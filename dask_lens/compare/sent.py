"""A comparison as it travels: the contract of ``Comparison.to_dict()``."""

from __future__ import annotations

from dataclasses import dataclass

from dask_lens.compare.statistics import Ratio
from dask_lens.metrics.accounts import Budget
from dask_lens.metrics.estimate import Estimate
from dask_lens.rewrite import Proposal


@dataclass(frozen=True)
class VariantReport:
    """One row, see :class:`dask_lens.compare.comparison.Row`."""

    name: str
    runs: tuple[float, ...]
    median: float | None
    mean: float | None
    deviation: float | None
    half: tuple[float, float] | None
    waited: float | None
    outliers: tuple[int, ...]
    ratio: Ratio | None
    verdict: str
    startup: float | None
    parallelism: float | None
    threads: int | None
    budget: Budget | None
    cause: str | None
    cpu: float | None
    memory: int | None
    moved: int | None
    results_equal: bool | None
    predicted: Estimate | None
    error: str | None


@dataclass(frozen=True)
class CurvePoint:
    """One number of workers on a speed-up curve, measured and predicted."""

    workers: int
    speedup: float
    low: float
    high: float
    predicted: float | None
    serial_fraction: float | None


@dataclass(frozen=True)
class ComparisonReport:
    """The whole, see :class:`dask_lens.compare.comparison.Comparison`.

    Parameters
    ----------
    conclusion
        What to do, in a sentence.
    proposal
        The cell as it would be with the recommended variant; None where it cannot be had.
    """

    version: int
    baseline: str | None
    variants: tuple[VariantReport, ...]
    recommended: str | None
    conclusion: str
    warnings: tuple[str, ...]
    rounds: int
    seed: int
    tolerance: str
    curve: tuple[CurvePoint, ...]
    proposal: Proposal | None

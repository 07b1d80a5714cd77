"""Comparisons for the page's tests, built from the very dataclasses that the kernel sends."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dask_lens.compare.comparison import Comparison, Row
from dask_lens.compare.statistics import ITSELF, Ratio
from dask_lens.metrics.accounts import Budget
from dask_lens.metrics.estimate import Estimate
from dask_lens.present import comparison as views
from dask_lens.rewrite import Edit, Proposal

CELL = "%%lens_compare 'processes, workers=2' 'threads, workers=2'\njoined.compute()\n"

BATCHES = Row(
    "processes, workers=2",
    (1.06, 1.04, 1.05, 1.09, 1.04),
    startup=1.9,
    parallelism=1.0,
    threads=2,
    budget=Budget(2.1, 0.01, 1.0, 0.02, 0.55, 0.5, 0.01, 0.01),
    cause="2 tasks ran one after another: dask sends ready tasks to processes in batches of 6.",
    cpu=0.04,
    memory=3 << 20,
    moved=4213,
    ratio=ITSELF,
    results_equal=True,
    paid_each_time=True,
    is_baseline=True,
)
THREADS = Row(
    "threads, workers=2",
    (0.52, 0.53, 0.51, 0.53, 0.71),
    Ratio(0.48, 0.5, 0.53),
    parallelism=2.0,
    threads=2,
    budget=Budget(1.03, 0.01, 1.0, 0.0, 0.01, 0.0, 0.0, 0.01),
    cause="0.5 of 0.5 s: tasks waited (I/O, sleep, locks or the GIL), mostly your task2 task.",
    cpu=0.02,
    memory=None,
    moved=0,
    results_equal=True,
    predicted=Estimate(0.5, 0.52, 0.6),
)
FAILED = Row(
    "distributed, workers=2",
    startup=2.3,
    error=(
        "the cell hands its work to a client itself, so it cannot run on threads: "
        'compare "distributed, workers=..." instead'
    ),
)

WHOLE = Comparison(
    rows=(BATCHES, THREADS),
    warnings=("processes, workers=2: every compute also pays 1.9 s for new processes",),
    rounds=5,
    proposal=Proposal(
        "take-variant",
        "same",
        "Take threads, workers=2",
        (Edit("cell-0", None, CELL, 'joined.compute(scheduler="threads", num_workers=2)\n'),),
    ),
)
ODD = replace(
    WHOLE,
    rows=(BATCHES, replace(THREADS, results_equal=False), FAILED),
    warnings=(
        "the time set was over after 5 of 7 rounds (max_time 20 s)",
        "results differ from those of processes, workers=2: threads, workers=2",
        "outliers, kept in the numbers: threads, workers=2 round 5",
        "other programs kept 1.9 cores busy when it began",
    ),
    proposal=None,
)
INTERRUPTED = Comparison(
    rows=(
        Row(
            "processes, workers=2",
            startup=1.9,
            memory=3 << 20,
            error="no run was finished, as it was interrupted",
        ),
        Row("distributed, workers=2", error="the time set was over before it was up"),
    ),
    warnings=("it was interrupted after 0 of 7 rounds (max_time 120 s)",),
)


def output(shown: Comparison) -> dict[str, Any]:
    """Return the saved output that shows a comparison."""
    return {"output_type": "display_data", "metadata": {}, "data": views.bundle(shown)}

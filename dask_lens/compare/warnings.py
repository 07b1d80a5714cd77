"""What makes measured times less sure than they look, in sentences."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from dask_lens.compare.columns import seconds
from dask_lens.compare.comparison import Row

if TYPE_CHECKING:
    from dask_lens.compare.engine import Plan

#: Rounds below which an interval says little.
FEWEST = 5

#: Seconds of a run below which clocks and the scheduler's own time are much of it.
SHORTEST = 0.01

#: Spread of runs, by their median, above which the machine disturbs.
NOISE = 0.25

#: Cores that other programs may use.
BUSY = 0.5


def warnings_of(
    rows: Sequence[Row], rounds: int, plan: Plan, stopped: str | None, busy: float
) -> Iterator[str]:
    """Yield what a reader of the table has to know.

    Parameters
    ----------
    rows
        The variants.
    rounds
        Rounds that were finished, of those planned.
    plan
        What was planned.
    stopped
        Why it ended early; None where it did not.
    busy
        Cores that other programs kept busy.
    """
    yield from _of_results(rows)
    for row in rows:
        if row.reused:
            yield (
                f"{row.name}: {row.reused} result{'s' * (row.reused != 1)} the cell asks for "
                f"{'were' if row.reused != 1 else 'was'} in the cluster's memory already, held by "
                "a future or a persisted collection, and not computed: release it, or compare "
                '"distributed, workers=N", which gets a cluster of its own'
            )
    if stopped is not None:
        yield f"{stopped} after {rounds} of {plan.rounds} rounds (max_time {plan.max_time:g} s)"
    if 0 < rounds < FEWEST:
        yield f"{rounds} round{'s' * (rounds != 1)}: too few to be sure of small differences"
    yield from _of_times(rows)
    if busy > BUSY:
        yield f"other programs kept {busy:.1f} cores busy when it began, or while it ran"


def _of_results(rows: Sequence[Row]) -> Iterator[str]:
    different = [row.name for row in rows if row.results_equal is False]
    base = next((row.name for row in rows if row.is_baseline), "the baseline")
    if base in different:
        yield f"the results of {base} differ from run to run, so results cannot be compared"
    elif different:
        yield f"results differ from those of {base}: {', '.join(different)}"
    for doubt in dict.fromkeys(row.doubt for row in rows if row.doubt and row.runs):
        names = ", ".join(row.name for row in rows if row.doubt == doubt)
        yield f"results could not be compared ({names}): {doubt}"


def _of_times(rows: Sequence[Row]) -> Iterator[str]:
    short = [row.name for row in rows if row.median is not None and row.median < SHORTEST]
    if short:
        yield (
            f"runs shorter than {seconds(SHORTEST)} ({', '.join(short)}) time the scheduler more "
            "than the work: take more data"
        )
    noisy = [row.name for row in rows if _noise(row) > NOISE]
    if noisy:
        yield f"runs vary by more than {NOISE:.0%} ({', '.join(noisy)}): something disturbed them"
    odd = [f"{row.name} round {n + 1}" for row in rows for n in row.outliers]
    if odd:
        yield f"outliers, kept in the numbers: {', '.join(odd)}"
    for row in rows:
        if row.paid_each_time and row.startup is not None and row.runs:
            yield (
                f"{row.name}: every compute also pays {seconds(row.startup)} for new processes, "
                "which the runs leave out and the recommendation counts"
            )


def _noise(row: Row) -> float:
    if len(row.runs) < FEWEST or not row.median:
        return 0.0
    middle = row.median
    spread = statistics.median(abs(run - middle) for run in row.runs) * 1.4826
    return spread / middle

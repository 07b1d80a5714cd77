"""What a change was predicted to bring, and what it brought.

Each case (:mod:`changes`) runs code as it is, observed once, predicts seconds for a change of it,
and then makes that change: the median of three runs, timed around the calls that compute, from
call to result. New clusters are started before. On a machine that does other things as well, what
computes takes longer than predicted, and only the interval can tell.

    python benchmarks/predict.py [NAME ...]
"""

from __future__ import annotations

import statistics
import sys
import time

from changes import Case, cases

import dask_lens
from dask_lens.metrics.estimate import Estimate
from dask_lens.metrics.whatif import predict
from dask_lens.record.run import Run

#: What the predictions are held to.
MEDIAN, MOST = 0.10, 0.25


def seconds(run: Run) -> float:
    done = [c for c in run.computations if c.stop is not None]
    return max(c.stop or 0.0 for c in done) - min(c.begin for c in done)


def judge(case: Case) -> tuple[Estimate | None, float]:
    before, after = case.before(), case.after
    with case.where(), dask_lens.observe() as seen:
        before()
    if seen.run is None:
        raise RuntimeError("the block was not observed")
    outcome = predict(seen.run, case.change, measure=True)
    with case.then():
        for _ in range(3):
            compute = after()
            start = time.perf_counter()
            compute()
            case.measured.append(time.perf_counter() - start)
    if not isinstance(outcome, Estimate):
        print(f"{case.name:42}  {outcome.reason}", flush=True)
        return None, 0.0
    measured = statistics.median(case.measured)
    error = outcome.mid / measured - 1
    told = outcome.low <= measured <= outcome.high
    print(
        f"{case.name:42}{seconds(seen.run):8.2f}{outcome.mid:8.2f}"
        f"{outcome.low:8.2f} -{outcome.high:6.2f}{measured:9.2f}{error:+8.0%}"
        f"  {'inside' if told else 'outside'}",
        flush=True,
    )
    return outcome, error


def main(names: list[str]) -> None:
    print(f"{'':42}{'before':>8}{'predicted, between':>23}{'measured':>10}{'error':>8}")
    errors = []
    for case in cases():
        if names and not any(name in case.name for name in names):
            continue
        outcome, error = judge(case)
        if outcome is not None:
            errors.append(abs(error))
    if errors:
        print(
            f"median error {statistics.median(errors):.0%} (at most {MEDIAN:.0%}),"
            f" largest {max(errors):.0%} (at most {MOST:.0%}, or inside)"
        )


if __name__ == "__main__":
    main(sys.argv[1:])

"""Something is computed, and the result is used for nothing.

A ``compute()`` that stands alone as a statement in the middle of a cell does all the work,
brings the result here, and drops it. The lazy object stays lazy: the next use computes again.

*Why it costs*: the whole computation, for nothing; and it is often repeated in the next line.

*When it is fine*: the last expression of a cell is displayed; tasks that write files or print
are computed for what they do; a computation that is timed, or shown by a progress bar, is done
to be looked at.

*References*: https://docs.dask.org/en/stable/best-practices.html#avoid-calling-compute-repeatedly
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dask_lens.metrics.together import elapsed
from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._dropped import is_dropped
from dask_lens.rules._ran import computations_at, is_over
from dask_lens.source.program import read
from dask_lens.source.waits import waits

#: Seconds: less is not worth a word.
LEAST_COST = 0.05

rule = Rule(
    __name__,
    code="DSK312",
    kind="slow",
    needs=("source", "tasks"),
    message="{what} took {took:.1f} s, and its result is used for nothing.",
    forecast="{what} computes, and its result is used for nothing.",
    advice="Give the result a name and use it, or leave the line out.",
    rewrite=("drop-compute",),
    thresholds={"least_cost": LEAST_COST},
    dont="""
import dask.array as da

x = da.random.default_rng(1).normal(size=(4000, 4000), chunks=1000)
y = x.sum()
(x + 1).mean().compute()  # found here
total = float(y.compute())
""",
    do="""
import dask.array as da

x = da.random.default_rng(1).normal(size=(4000, 4000), chunks=1000)
y = x.sum()
total = float(y.compute())
""",
)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find compute calls that are statements of their own."""
    program = read(run.cells)
    for wait in waits(program):
        looks = wait.how == "look" and wait.inside is None
        if not (looks or wait.how == "compute") or not is_dropped(program, wait):
            continue
        place = program.place(wait.cell, wait.node)
        what = f"{ast.unparse(wait.node)[:60]}"
        fixes = (Fix("drop-compute"),)
        if not is_over(run):
            if run.observed in (None, wait.cell):
                yield rule.finding(place, certainty="likely", fixes=fixes, what=what)
            continue
        took = elapsed(computations_at(run, program, wait.cell, [wait.node]))
        if took >= settings["least_cost"]:
            yield rule.finding(
                place, certainty="seen", cost=took, fixes=fixes, what=what, took=took
            )

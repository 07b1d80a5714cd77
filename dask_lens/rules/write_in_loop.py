"""A loop writes one result after another.

Writers such as ``to_parquet`` and ``to_netcdf`` compute and return when the last byte is written.
In a loop, each write waits for the one before. With ``compute=False`` a writer returns a delayed
object; collected and computed together, the writes run side by side, and what they share is
computed once.

*Why it costs*: a small write keeps one thread at work and leaves the others idle.

*When it is fine*: every write is large enough to keep all threads at work (a run shows this); the
writes append to one file; memory allows for one at a time only.

*References*: https://docs.dask.org/en/stable/best-practices.html#avoid-calling-compute-repeatedly;
https://docs.dask.org/en/stable/generated/dask.dataframe.to_parquet.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._looped import looped
from dask_lens.rules._one_by_one import one_by_one
from dask_lens.rules._ran import computations_at, concerns, is_over
from dask_lens.source.passes import hands_on
from dask_lens.source.program import read
from dask_lens.source.waits import Wait

#: Writes from one line: two of them may be two different things.
LEAST_COMPUTES = 3

#: Share of the threads at work, above which each write is parallel enough by itself.
MOST_BUSY = 0.5

#: Seconds: less is not worth a word.
LEAST_LOST = 0.05

rule = Rule(
    __name__,
    code="DSK313",
    kind="slow",
    needs=("source", "tasks"),
    message=(
        "{n_computes} writes ran one after another from this line, {busy:.1f} of {threads} "
        "threads at work. Together they could have taken {lost:.1f} s less."
    ),
    forecast="{what} writes in every pass of the loop, one write after the other.",
    advice="Write with compute=False, collect what this returns, and compute it after the loop.",
    rewrite=("write-after-loop",),
    thresholds={
        "least_computes": LEAST_COMPUTES,
        "most_busy": MOST_BUSY,
        "least_lost": LEAST_LOST,
    },
    dont="""
import time
import dask
import dask.array as da
import numpy as np

dask.config.set(scheduler="threads", num_workers=4)

@dask.delayed
def load(n):
    time.sleep(0.05)
    return np.full(4, n)

targets = [np.zeros(4) for _ in range(4)]
for n in range(4):
    x = da.from_delayed(load(n), shape=(4,), dtype=int)
    x.store(targets[n])  # found here
totals = [int(target.sum()) for target in targets]
""",
    do="""
import time
import dask
import dask.array as da
import numpy as np

dask.config.set(scheduler="threads", num_workers=4)

@dask.delayed
def load(n):
    time.sleep(0.05)
    return np.full(4, n)

targets = [np.zeros(4) for _ in range(4)]
writes = []
for n in range(4):
    x = da.from_delayed(load(n), shape=(4,), dtype=int)
    writes.append(x.store(targets[n], compute=False))
dask.compute(*writes)
totals = [int(target.sum()) for target in targets]
""",
)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find writers in loops; after the run, those that left threads idle."""
    program = read(run.cells)
    # A first pass may write what the others add to.
    added_to = {loop.node for wait, loop in looped(program).items() if _appends(wait)}
    for wait, loop in looped(program).items():
        if wait.how != "write" or loop.node in added_to or hands_on(loop):
            continue
        place = program.place(wait.cell, wait.node)
        fixes = (Fix("write-after-loop"),)
        what = f"{ast.unparse(wait.call.node.func)[-60:]}()" if wait.call is not None else ""
        ran = computations_at(run, program, wait.cell, [wait.node])
        if is_over(run) and (ran or loop.cell == run.observed):
            evidence = one_by_one(ran, settings)
            if evidence is not None:
                lost = evidence["lost"]
                yield rule.finding(
                    place, certainty="seen", cost=lost, fixes=fixes, what=what, **evidence
                )
        elif concerns(run, loop.cell):
            yield rule.finding(place, certainty="likely", fixes=fixes, what=what)


def _appends(wait: Wait) -> bool:
    """Whether each write adds to what the ones before it have written."""
    if wait.call is None:
        return False
    given = [wait.call.keyword(name) for name in ("append", "append_dim", "mode")]
    return any(
        node is not None and not (isinstance(node, ast.Constant) and node.value in (False, "w"))
        for node in given
    )

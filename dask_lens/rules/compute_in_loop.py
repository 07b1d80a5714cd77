"""A loop waits for one computation after another.

``compute()`` blocks until its result is there. In a loop, each pass waits for its own small
computation before the next one may begin, so tasks of different passes never run side by side,
and what the passes share (reading the same file, say) is done again in each. Collected first
and computed together, all of it is one graph: shared parts run once, and every thread has work.

*Why it costs*: six independent tasks of half a second take three seconds on two threads
instead of one and a half; reading the data is repeated as often as the loop runs.

*When it is fine*: a pass needs the result of the pass before (time steps, convergence); the
result decides whether to go on; each pass computes a batch that fills the cluster; pieces too
large to be held together are used and let go one by one; the passes are an experiment that is
timed; what is computed is in memory already.

*References*: https://docs.dask.org/en/stable/best-practices.html#avoid-calling-compute-repeatedly;
https://docs.dask.org/en/stable/delayed-best-practices.html#compute-on-lots-of-computation-at-once;
https://github.com/dask/community/issues/301
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._counted import is_counted, is_filtered, is_unsure
from dask_lens.rules._dropped import is_dropped
from dask_lens.rules._looped import looped
from dask_lens.rules._one_by_one import one_by_one
from dask_lens.rules._ran import computations_at, concerns, is_over
from dask_lens.rules._roundtrip import pieces_again
from dask_lens.source.program import read
from dask_lens.source.waits import Wait

#: Computations from one line: two of them may be two different things.
LEAST_COMPUTES = 3

#: Share of the threads at work, above which each pass is parallel enough by itself.
MOST_BUSY = 0.5

#: Seconds: less is not worth a word.
LEAST_LOST = 0.05

_COMPUTING = ("compute", "load", "values", "array", "number", "len")

rule = Rule(
    __name__,
    code="DSK301",
    kind="slow",
    needs=("source", "tasks"),
    message=(
        "{n_computes} computations ran one after another from this line, {busy:.1f} of {threads} "
        "threads at work. Together they could have taken {lost:.1f} s less."
    ),
    forecast=(
        "{what} waits for Dask in every pass of the loop: one computation after another, and "
        "what the passes share is computed in each."
    ),
    advice="Collect the lazy objects in the loop and compute them together after it.",
    rewrite=("compute-after-loop",),
    thresholds={
        "least_computes": LEAST_COMPUTES,
        "most_busy": MOST_BUSY,
        "least_lost": LEAST_LOST,
    },
    dont="""
import time
import dask

@dask.delayed
def slow(x):
    time.sleep(0.05)
    return x + 1

results = []
for x in range(6):
    results.append(slow(x).compute(scheduler="threads", num_workers=4))  # found here
""",
    do="""
import time
import dask

@dask.delayed
def slow(x):
    time.sleep(0.05)
    return x + 1

results = []
for x in range(6):
    results.append(slow(x))
results = list(dask.compute(*results, scheduler="threads", num_workers=4))
""",
)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find waits in loops; after the run, those whose computations left threads idle."""
    program = read(run.cells)
    again = set(pieces_again(program).values())  # DSK407 says so
    for wait, loop in looped(program).items():
        if wait.how not in _COMPUTING or wait in again or _is_known(wait):
            continue
        if is_dropped(program, wait):
            continue  # DSK312 says so
        place = program.place(wait.cell, wait.node)
        what = _name(wait)
        ran = computations_at(run, program, wait.cell, [wait.node])
        if is_over(run) and (ran or loop.cell == run.observed):
            evidence = one_by_one(ran, settings)
            if evidence is not None:
                yield rule.finding(
                    place,
                    certainty="seen",
                    cost=evidence["lost"],
                    fixes=(Fix("compute-after-loop"),),
                    what=what,
                    **evidence,
                )
        elif concerns(run, loop.cell):
            fixes = (Fix("compute-after-loop"),)
            yield rule.finding(place, certainty="likely", fixes=fixes, what=what)


def _is_known(wait: Wait) -> bool:
    """Whether the number of rows is known, or may be."""
    known = wait.how == "len" and (is_counted(wait) or is_unsure(wait))
    return known and not is_filtered(wait)


def _name(wait: Wait) -> str:
    if isinstance(wait.node, ast.Await):
        return "await"
    node = wait.node.func if isinstance(wait.node, ast.Call) else wait.node
    if isinstance(node, ast.Attribute) and wait.how not in ("array", "len"):
        return f".{node.attr}{'()' * isinstance(wait.node, ast.Call)}"
    return f"{ast.unparse(node)}()"

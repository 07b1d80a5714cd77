"""Everything is brought here, and only a little of it is kept.

``ddf.compute().head()`` reads all of the data, puts it together in the memory of this process and
keeps five rows. ``ddf.x.compute().mean()`` does the sum here, on one thread, after moving all
the numbers.

*Why it costs*: all the data must fit into this process's memory, and on a cluster through its
network connection; the reduction is done by one thread instead of all.

*When it is fine*: the computed object is used for more than that; it is small already, because
it was reduced before.

*References*: https://docs.dask.org/en/stable/dataframe-best-practices.html#reduce-and-then-use-pandas;
https://distributed.dask.org/en/stable/memory.html#difference-with-dask-compute
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._fetched import fetched
from dask_lens.rules._ran import is_over

#: Seconds: less is not worth a word.
LEAST_TOOK = 0.05

rule = Rule(
    __name__,
    code="DSK310",
    kind="slow",
    needs=("source", "tasks"),
    message="{what} brought everything here in {took:.1f} s, and only {kept} of it is used.",
    forecast="{what} brings everything here, and only {kept} of it is used.",
    advice="Reduce first, on the workers, and compute what is left.",
    rewrite=("reduce-before-compute",),
    thresholds={"least_took": LEAST_TOOK},
    dont="""
import time
import dask.array as da

def slow(block):
    time.sleep(0.1)
    return block + 1

x = da.arange(10_000, chunks=2_500).map_blocks(slow, dtype=int)
mean = x.compute().mean()  # found here
""",
    do="""
import time
import dask.array as da

def slow(block):
    time.sleep(0.1)
    return block + 1

x = da.arange(10_000, chunks=2_500).map_blocks(slow, dtype=int)
mean = x.mean().compute()
""",
)

_KEPT = {"part": "a part", "count": "a count"}


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find computations of which little is used; after the run, those that took long."""
    for place, wait, use, took in fetched(run, settings):
        if use.kind == "metadata":
            continue
        yield rule.finding(
            place,
            certainty="seen" if is_over(run) else "likely",
            fixes=(Fix("reduce-before-compute"),),
            what=ast.unparse(wait.node)[-60:],
            kept=_KEPT.get(use.kind) or f"{use.what}()",
            took=took,
        )

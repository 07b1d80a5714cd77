"""A collection grows by one concatenation in every pass of a loop.

Each concatenation of lazy objects builds a new collection out of all partitions so far, and
looks at the types, columns or coordinates of all of them again. What is added first is passed
on through every step after it. Collected in a list and concatenated once, each part is looked
at once.

*Why it costs*: with n parts, building the graph takes n * n / 2 steps instead of n, before
anything is computed, and the graph is n layers deep.

*When it is fine*: there are only a few parts; a part is made from what has grown so far; the
objects hold their data in memory already, and are small.

*What is not looked at*: one ``open_dataset`` in each pass, and ``rechunk`` in a loop, which
are as often right as not.

*References*: https://docs.dask.org/en/stable/best-practices.html#load-data-with-dask;
https://github.com/pydata/xarray/issues/9802;
https://docs.dask.org/en/stable/generated/dask.dataframe.multi.concat.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._ran import concerns
from dask_lens.source.growing import growing
from dask_lens.source.program import read

rule = Rule(
    __name__,
    code="DSK510",
    kind="slow",
    needs=("source",),
    message="{what} puts {name} together anew in every pass of the loop, with all its parts.",
    advice="Collect the parts in a list and concatenate them once, after the loop.",
    rewrite=("concat-after-loop",),
    dont="""
import dask.array as da

total = da.zeros(10, chunks=5)
for n in range(1, 6):
    total = da.concatenate([total, da.full(10, n, chunks=5)])  # found here
result = float(total.sum().compute(scheduler="sync"))
""",
    do="""
import dask.array as da

total = da.zeros(10, chunks=5)
total_parts = [total]
for n in range(1, 6):
    total_parts.append(da.full(10, n, chunks=5))
total = da.concatenate(total_parts)
result = float(total.sum().compute(scheduler="sync"))
""",
)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find names that are rebound in a loop to themselves and more."""
    del settings
    program = read(run.cells)
    for found in growing(program):
        if concerns(run, found.call.cell):
            yield rule.finding(
                program.place(found.call.cell, found.call.node),
                certainty="likely",
                fixes=(Fix("concat-after-loop"),),
                what=f"{ast.unparse(found.call.node.func)[-60:]}()",
                name=found.name[:60],
            )

"""A collection grows by one concatenation in every pass of a loop.

Each concatenation of lazy objects builds a new collection out of all partitions so far, and
looks at the types, columns or coordinates of all of them again. What is added first is passed
on through every step after it. Collected in a list and concatenated once, each part is looked
at once.

*Why it costs*: with n parts, building the graph takes n * n / 2 steps instead of n, before
anything is computed, and the graph is n layers deep.

*When it is fine*: there are only a few parts; a part is made from what has grown so far; the
objects hold their data in memory already, and are small.

The same array that is cut the same way in every pass (``rechunk``, ``chunk``, ``repartition``)
could be cut once, before the loop; files that are opened one in a pass and then put together
could be opened by one ``open_mfdataset``.

*What is not looked at*: files of which each is worked on by itself.

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
from dask_lens.source.anew import made_anew
from dask_lens.source.calls import Call
from dask_lens.source.growing import growing
from dask_lens.source.program import read

rule = Rule(
    __name__,
    code="DSK510",
    kind="slow",
    needs=("source",),
    message="{what} {deed} in every pass of the loop.",
    advice=(
        "Do it once: put parts together after the loop, from a list; cut arrays before it; open "
        "files together."
    ),
    rewrite=("concat-after-loop", "cut-before-loop", "open-together"),
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
                what=_named(found.call),
                deed=f"puts {found.name[:60]} together anew, with all its parts,",
            )
    for anew in made_anew(program):
        if concerns(run, anew.call.cell):
            cut = anew.how == "cut"
            yield rule.finding(
                program.place(anew.call.cell, anew.call.node),
                certainty="likely",
                fixes=(Fix("cut-before-loop" if cut else "open-together"),),
                what=_named(anew.call),
                deed="cuts the same again" if cut else "opens one file of those put together",
            )


def _named(call: Call) -> str:
    return f"{ast.unparse(call.node.func)[-60:]}()"

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
from dask_lens.rules._brought import brought
from dask_lens.rules._ran import concerns
from dask_lens.source.program import read

rule = Rule(
    __name__,
    code="DSK310",
    kind="slow",
    needs=("source",),
    message="{what} brings everything here, and only {kept} of it is used.",
    advice="Reduce first, on the workers, and compute what is left.",
    rewrite=("reduce-before-compute",),
    dont="""
import dask.array as da

x = da.arange(10_000, chunks=1_000)
mean = x.compute().mean()  # found here
""",
    do="""
import dask.array as da

x = da.arange(10_000, chunks=1_000)
mean = x.mean().compute()
""",
)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find computations of which a reduction or a few rows are used."""
    del settings
    program = read(run.cells)
    for wait, use in brought(program).items():
        if use.kind == "metadata" or not concerns(run, wait.cell):
            continue
        yield rule.finding(
            program.place(wait.cell, wait.node),
            certainty="likely",
            fixes=(Fix("reduce-before-compute"),),
            what=ast.unparse(wait.node)[-60:],
            kept="a part" if use.kind == "part" else f"{use.what}()",
        )

"""All of the data is computed to learn what is known without computing.

A collection knows its columns, types and dimensions, and an array its shape, before anything is
computed. The number of rows of a dataframe needs counting, but not the rows themselves: each
partition is counted where it is.

*Why it costs*: all the data is read and brought here for a few words or one number.

*When it is fine*: the computed object is used for more than that.

*References*: https://docs.dask.org/en/stable/dataframe-design.html#metadata;
https://docs.dask.org/en/stable/array-chunks.html#unknown-chunks
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
    code="DSK311",
    kind="slow",
    needs=("source",),
    message="{what} computes everything to learn {learnt}.",
    advice="Ask the lazy object: it knows its columns, types and dimensions.",
    rewrite=("read-metadata",),
    dont="""
import dask.array as da

x = da.ones((1_000, 100), chunks=100) + 1
shape = x.compute().shape  # found here
""",
    do="""
import dask.array as da

x = da.ones((1_000, 100), chunks=100) + 1
shape = x.shape
""",
)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find computations of which only metadata is used."""
    del settings
    program = read(run.cells)
    for wait, use in brought(program).items():
        if use.kind == "metadata" and concerns(run, wait.cell):
            yield rule.finding(
                program.place(wait.cell, wait.node),
                certainty="likely",
                fixes=(Fix("read-metadata"),),
                what=ast.unparse(wait.node)[-60:],
                learnt="its length" if use.what == "len" else f"its {use.what}",
            )

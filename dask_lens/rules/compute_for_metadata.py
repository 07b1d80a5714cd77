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
from dask_lens.rules._fetched import fetched
from dask_lens.rules._ran import is_over

#: Seconds: less is not worth a word.
LEAST_TOOK = 0.05

rule = Rule(
    __name__,
    code="DSK311",
    kind="slow",
    needs=("source", "tasks"),
    message="{what} computed everything, in {took:.1f} s, to learn {learnt}.",
    forecast="{what} computes everything to learn {learnt}.",
    advice="Ask the lazy object: it knows its columns, types and dimensions.",
    rewrite=("read-metadata",),
    thresholds={"least_took": LEAST_TOOK},
    dont="""
import time
import dask.dataframe as dd
import pandas as pd

def slow(part):
    time.sleep(0.1)
    return part

data = pd.DataFrame({"name": list("abcd"), "x": range(4)})
ddf = dd.from_pandas(data, npartitions=2).map_partitions(slow, meta=data)
columns = list(ddf.compute().columns)  # found here
""",
    do="""
import time
import dask.dataframe as dd
import pandas as pd

def slow(part):
    time.sleep(0.1)
    return part

data = pd.DataFrame({"name": list("abcd"), "x": range(4)})
ddf = dd.from_pandas(data, npartitions=2).map_partitions(slow, meta=data)
columns = list(ddf.columns)
""",
)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find computations of which only metadata is used; after the run, those that took long."""
    for place, wait, use, took in fetched(run, settings):
        if use.kind != "metadata":
            continue
        yield rule.finding(
            place,
            certainty="seen" if is_over(run) else "likely",
            # To count rows, most of it has to be done in any case.
            cost=took if is_over(run) and use.what != "len" else None,
            fixes=(Fix("read-metadata"),),
            what=ast.unparse(wait.node)[-60:],
            learnt="its length" if use.what == "len" else f"its {use.what}",
            took=took,
        )

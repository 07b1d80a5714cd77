"""A function is called for every row of a table.

``apply(f, axis=1)`` and ``iterrows`` make a pandas Series of each row and call Python with it.
Operations on whole columns do the same work in compiled code, some hundred times faster.

*Why it costs*: Python code holds the interpreter's lock, so that threads wait for one another
where operations on columns would run side by side.

*When it is fine*: there are few rows; the function takes long itself (a model, a request); it
cannot be said in operations on columns.

*What is not looked at*: functions applied to the values of one column; ``itertuples``; in
tasks other than those of ``map_partitions``, rows for which a function of the notebook is called.

*References*: https://docs.dask.org/en/stable/dataframe-best-practices.html#pandas-performance-tips-apply-to-dask-dataframe;
https://pandas.pydata.org/docs/user_guide/enhancingperf.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dask_lens.metrics.gil import contest
from dask_lens.metrics.losses import cpu_known
from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._by_row import by_row, is_made_by
from dask_lens.rules._ran import concerns
from dask_lens.source.calls import Call
from dask_lens.source.program import read

rule = Rule(
    __name__,
    code="DSK513",
    kind="slow",
    needs=("source",),
    message="{what} calls Python for every row; threads wait for one another meanwhile.",
    advice="Say it in operations on whole columns, or with map_partitions on whole tables.",
    rewrite=("use-columns",),
    dont="""
import dask.dataframe as dd
import pandas as pd

data = pd.concat([pd.DataFrame({"a": [1, 2], "b": [3, 4]})] * 50)
ddf = dd.from_pandas(data, npartitions=4, sort=False)
both = ddf.apply(lambda row: row.a + row.b, axis=1, meta=(None, "int64"))  # found here
total = int(both.sum().compute(scheduler="sync"))
""",
    do="""
import dask.dataframe as dd
import pandas as pd

data = pd.concat([pd.DataFrame({"a": [1, 2], "b": [3, 4]})] * 50)
ddf = dd.from_pandas(data, npartitions=4, sort=False)
both = ddf.a + ddf.b
total = int(both.sum().compute(scheduler="sync"))
""",
)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find functions of rows, on collections and in the functions of their partitions."""
    del settings
    program = read(run.cells)
    for call in by_row(program):
        lost = _lost(run, call)
        if not lost and not concerns(run, call.cell):
            continue
        what = f".{call.node.func.attr}()" if isinstance(call.node.func, ast.Attribute) else ""
        yield rule.finding(
            program.place(call.cell, call.node),
            certainty="seen" if lost else "likely",
            cost=lost or None,
            fixes=(Fix("use-columns"),),
            what=what,
        )


def _lost(run: Run, call: Call) -> float:
    """Return the seconds that threads waited for one another in tasks that such a call makes."""
    ran = [c for c in run.computations if c.stop is not None and cpu_known([c])]
    return sum(
        one.saved
        for one in map(contest, ran)
        if one is not None and one.one_at_a_time and is_made_by(call, one.prefix)
    )

"""Something is persisted only to be computed at once.

``persist`` keeps the results of a graph in memory, on the cluster, for what comes next. Where the
next thing is ``compute()``, and nothing else uses what was persisted, it is one detour.

*Why it costs*: the results are held in memory for nothing; Dask cannot optimise across the
persist, so what ``compute()`` does not need is made all the same. Without a cluster the data is
brought into this process twice.

*When it is fine*: what is persisted is used several times.

*References*: https://docs.dask.org/en/stable/dataframe-best-practices.html#persist-intelligently;
https://github.com/dask/community/issues/301
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._ran import concerns
from dask_lens.source import api
from dask_lens.source.program import read
from dask_lens.source.waits import waits

rule = Rule(
    __name__,
    code="DSK308",
    kind="slow",
    needs=("source",),
    message="{what} is persisted only to be computed at once.",
    advice="Leave the persist out: compute gives the same.",
    rewrite=("drop-persist",),
    dont="""
import dask.array as da

x = da.ones((100, 100), chunks=50)
total = float(x.sum().persist().compute())  # found here
""",
    do="""
import dask.array as da

x = da.ones((100, 100), chunks=50)
total = float(x.sum().compute())
""",
)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find compute calls on what persist has just returned."""
    del settings
    program = read(run.cells)
    for wait in waits(program):
        if wait.how not in ("compute", "load") or not concerns(run, wait.cell):
            continue
        for lazy in wait.lazies:
            call = program.by_node.get(lazy) if isinstance(lazy, ast.Call) else None
            if call is None or not isinstance(call.node.func, ast.Attribute):
                continue
            owner, _, last = call.name.rpartition(".")
            if last == "persist" and owner in api.COLLECTIONS:
                yield rule.finding(
                    program.place(wait.cell, wait.node),
                    certainty="likely",
                    fixes=(Fix("drop-persist"),),
                    what=ast.unparse(call.node.func.value)[-60:],
                )

"""A collection is computed only to be made into a collection again.

``dd.from_pandas(ddf.compute(), ...)`` brings all of the data into this process, and cuts it into
partitions anew. Every step of that has a lazy twin, which leaves the data where it is.

*Why it costs*: all of the data has to fit into one process, travels there and back, and nothing
else runs meanwhile; what was computed goes into the graph of everything that follows.

*When it is fine*: what is computed is little, after a reduction or ``head``, and is used here as
well. To have it in memory, ``persist`` keeps it as it is, partitions and all.

*References*: https://docs.dask.org/en/stable/best-practices.html#load-data-with-dask;
https://github.com/dask/distributed/issues/1998
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._brought import LITTLE
from dask_lens.rules._ran import concerns
from dask_lens.source import api
from dask_lens.source.definitions import definition, uses
from dask_lens.source.lineage import ancestors, made_by
from dask_lens.source.program import Program, read
from dask_lens.source.timing import is_timed_line
from dask_lens.source.waits import Wait, waits

#: What makes a collection of data, by what the data may have been before.
_MAKERS = {
    "dask.dataframe.from_pandas": (api.DATAFRAME, api.SERIES),
    "dask.array.from_array": (api.ARRAY,),
}

rule = Rule(
    __name__,
    code="DSK407",
    kind="slow",
    needs=("source",),
    message="{what} is computed, and made into a collection again: {maker} {deed}.",
    advice="Stay lazy: repartition, rechunk or persist what is there.",
    rewrite=("skip-roundtrip",),
    dont="""
import pandas as pd
import dask.dataframe as dd

ddf = dd.from_pandas(pd.DataFrame({"x": range(8)}), npartitions=2)
doubled = dd.from_pandas((ddf * 2).compute(), npartitions=4)  # found here
total = int(doubled.x.sum().compute())
""",
    do="""
import pandas as pd
import dask.dataframe as dd

ddf = dd.from_pandas(pd.DataFrame({"x": range(8)}), npartitions=2)
doubled = (ddf * 2).repartition(npartitions=4)
total = int(doubled.x.sum().compute())
""",
)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find makers of collections that are given what was computed, and the other way round."""
    del settings
    program = read(run.cells)
    known = {wait.node: wait for wait in waits(program) if wait.how == "compute"}
    for maker, kinds in _MAKERS.items():
        for call in program.by_name.get(maker, ()):
            if not concerns(run, call.cell) or not call.node.args:
                continue
            wait = _computed(program, known, call.node.args[0])
            if wait is not None and _is_much(wait, kinds):
                yield rule.finding(
                    program.place(call.cell, call.node),
                    certainty="likely",
                    fixes=(Fix("skip-roundtrip"),),
                    what=ast.unparse(wait.lazies[0])[:60],
                    maker=ast.unparse(call.node.func),
                    deed="cuts it into pieces anew",
                )
    for wait in known.values():
        lazy = wait.lazies[0] if len(wait.lazies) == 1 else None
        made = program.by_node.get(lazy) if isinstance(lazy, ast.Call) else None
        if made is None or made.name not in _MAKERS or not concerns(run, wait.cell):
            continue
        if isinstance(wait.node, ast.Call) and not is_timed_line(
            program.cells[wait.cell], wait.node
        ):
            yield rule.finding(
                program.place(wait.cell, wait.node),
                certainty="likely",
                fixes=(Fix("skip-roundtrip"),),
                what=ast.unparse(made.node.args[0])[:60] if made.node.args else "the data",
                maker=ast.unparse(made.node.func),
                deed="and compute give the data back as it was",
            )


def _computed(program: Program, known: dict[ast.expr, Wait], node: ast.expr) -> Wait | None:
    """Return what computes the data, where it serves for nothing else."""
    if isinstance(node, ast.Name):
        found = definition(program, node)
        if found is None or [used for _, used in uses(program, node.id)] != [node]:
            return None
        node = found[1]
    wait = known.get(node)
    return wait if wait is not None and len(wait.lazies) == 1 else None


def _is_much(wait: Wait, kinds: tuple[str, ...]) -> bool:
    value = wait.values[0]
    if value is None or not value.is_instance(*kinds):
        return False
    return not any(made_by(one) in LITTLE for one in ancestors(wait.values))

"""A collection is computed only to be made into a collection again.

``dd.from_pandas(ddf.compute(), ...)`` brings all of the data into this process, and cuts it into
partitions anew; so does ``dd.from_pandas(pd.concat([p.compute() for p in parts]))``, where
``dd.concat(parts)`` would do. Every step of that has a lazy twin, which leaves the data where it
is.

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
from typing import TypeAlias

from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._brought import LITTLE
from dask_lens.rules._ran import concerns
from dask_lens.rules._roundtrip import MAKERS, only_use, pieces_again
from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.definitions import definition
from dask_lens.source.lineage import ancestors, made_by
from dask_lens.source.program import Program, read
from dask_lens.source.timing import is_timed_line
from dask_lens.source.waits import Wait, waits
from dask_lens.source.words import words

_DELAYS = (f"{api.DATAFRAME}.to_delayed", f"{api.SERIES}.to_delayed")

rule = Rule(
    __name__,
    code="DSK407",
    kind="slow",
    needs=("source",),
    message="{what} is made into a collection again: {deed}.",
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
    found = [
        *_made_of_computed(program, known),
        *_made_of_pieces(program),
        *_made_of_partitions(program),
        *_computed_at_once(program, known),
    ]
    for cell, node, what, deed in found:
        if concerns(run, cell):
            place = program.place(cell, node)
            fixes = (Fix("skip-roundtrip"),)
            yield rule.finding(place, certainty="likely", fixes=fixes, what=what[:60], deed=deed)


#: What data is made by that is there to be looked at, or for a test.
_WRITTEN_OUT = words("pandas.DataFrame pandas.Series numpy.array numpy.arange numpy.ones")

_Found: TypeAlias = tuple[int, ast.expr, str, str]


def _made_of_computed(program: Program, known: dict[ast.expr, Wait]) -> Iterator[_Found]:
    for maker, kinds in MAKERS.items():
        for call in program.by_name.get(maker, ()):
            wait = _computed(program, known, call.node.args[0]) if call.node.args else None
            if wait is not None and _is_much(wait, kinds):
                what = ast.unparse(wait.lazies[0])
                yield call.cell, call.node, what, f"{_maker(call)} cuts it into pieces anew"


def _made_of_pieces(program: Program) -> Iterator[_Found]:
    for node, wait in pieces_again(program).items():
        call = program.by_node[node]
        what = f"each {ast.unparse(wait.lazies[0])}" if wait.lazies else "each part"
        yield call.cell, node, what, f"{_maker(call)} cuts all of them into pieces anew"


def _made_of_partitions(program: Program) -> Iterator[_Found]:
    for call in program.by_name.get("dask.dataframe.from_delayed", ()):
        lazy = call.node.args[0] if len(call.node.args) == 1 and not call.node.keywords else None
        parts = program.by_node.get(lazy) if isinstance(lazy, ast.Call) else None
        if parts is not None and parts.name in _DELAYS:
            func = parts.node.func
            what = ast.unparse(func.value) if isinstance(func, ast.Attribute) else "a collection"
            yield (
                call.cell,
                call.node,
                what,
                f"{_maker(call)} puts its partitions back as they were",
            )


def _computed_at_once(program: Program, known: dict[ast.expr, Wait]) -> Iterator[_Found]:
    for wait in known.values():
        lazy = wait.lazies[0] if len(wait.lazies) == 1 else None
        lazy = _made_above(program, lazy) if isinstance(lazy, ast.Name) else lazy
        made = program.by_node.get(lazy) if isinstance(lazy, ast.Call) else None
        if made is None or made.name not in MAKERS or not isinstance(wait.node, ast.Call):
            continue
        if not is_timed_line(program.cells[wait.cell], wait.node):
            what = ast.unparse(made.node.args[0]) if made.node.args else "the data"
            deed = f"{_maker(made)} and compute give the data back as it was"
            yield wait.cell, wait.node, what, deed


def _made_above(program: Program, name: ast.Name) -> ast.expr | None:
    """Return what a name was made of, for this alone, and not of data that is written out."""
    found = definition(program, name)
    call = program.by_node.get(found[1]) if found and isinstance(found[1], ast.Call) else None
    lazy = only_use(program, name) if call is not None and call.name in MAKERS else None
    data = lazy.args[0] if isinstance(lazy, ast.Call) and lazy.args else None
    known = definition(program, data) if data is not None else None
    made = program.by_node.get(known[1]) if known and isinstance(known[1], ast.Call) else None
    written = made is not None and made.name in _WRITTEN_OUT
    return None if written or not isinstance(data, ast.Name) else lazy


def _maker(call: Call) -> str:
    return ast.unparse(call.node.func)[-60:]


def _computed(program: Program, known: dict[ast.expr, Wait], node: ast.expr) -> Wait | None:
    """Return what computes the data, where it serves for nothing else."""
    value = only_use(program, node)
    wait = known.get(value) if value is not None else None
    return wait if wait is not None and len(wait.lazies) == 1 else None


def _is_much(wait: Wait, kinds: tuple[str, ...]) -> bool:
    value = wait.values[0]
    if value is None or not value.is_instance(*kinds):
        return False
    return not any(made_by(one) in LITTLE for one in ancestors(wait.values))

"""A whole collection is passed to a delayed function, and becomes one piece on one worker.

A delayed function that is given a Dask dataframe, array or bag gets it computed: all partitions
are put together, on one worker, before it begins.

*Why it costs*: nothing of the function runs in parallel, all of the data has to fit into one
worker, and what Dask could have left out of reading is read.

*When it is fine*: the collection is small, because it was reduced before or has one partition;
the function needs all of the data at once.

*References*: https://docs.dask.org/en/stable/delayed-best-practices.html
#don-t-call-dask-delayed-on-other-dask-collections; https://github.com/dask/dask/issues/12062
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import PurePath

from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._brought import LITTLE
from dask_lens.rules._ran import concerns
from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.chunks import layout_of
from dask_lens.source.definitions import definition
from dask_lens.source.lineage import ancestors, made_by
from dask_lens.source.program import Program, read
from dask_lens.source.values import Value
from dask_lens.source.words import words

_BIG = (api.ARRAY, api.DATAFRAME, api.SERIES, api.BAG, *api.XARRAY)
#: What opens many files, or a store, in pieces.
_OPENS_MANY = words("open_mfdataset open_zarr")
#: What may leave one partition, or little.
_FEW = LITTLE | words(
    "partitions get_partition blocks loc iloc repartition rechunk to_delayed concat merge "
    "from_delayed from_dict isel sel"
)

rule = Rule(
    __name__,
    code="DSK404",
    kind="slow",
    needs=("source",),
    message=(
        "{function} is given all of {what} in one piece: its partitions are put together on one "
        "worker before it begins."
    ),
    advice="Map the function over the partitions.",
    rewrite=("map-over-partitions",),
    dont="""
import pandas as pd
import dask.dataframe as dd
from dask import delayed

def double(part):
    return part * 2

ddf = dd.from_pandas(pd.DataFrame({"x": range(8)}), npartitions=4)
doubled = delayed(double)(ddf)  # found here
values = doubled.compute().x.tolist()
""",
    do="""
import pandas as pd
import dask.dataframe as dd
from dask import delayed

def double(part):
    return part * 2

ddf = dd.from_pandas(pd.DataFrame({"x": range(8)}), npartitions=4)
doubled = ddf.map_partitions(double)
values = doubled.compute().x.tolist()
""",
)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find collections of several partitions among the arguments of delayed functions."""
    del settings
    program = read(run.cells)
    for call in program.calls:
        if call.name or call.receiver is not None or not concerns(run, call.cell):
            continue
        made = call.result
        if made is None or not made.is_instance(api.DELAYED_OBJECT) or made.call is not call.node:
            continue
        node = next((n for n in _large(program, call) if not _is_part(program, call, n)), None)
        if node is None:
            continue
        func = call.node.func
        inner = func.args[0] if isinstance(func, ast.Call) and func.args else func
        yield rule.finding(
            program.place(call.cell, call.node),
            certainty="likely",
            fixes=(Fix("map-over-partitions"),),
            function="a lambda" if isinstance(inner, ast.Lambda) else ast.unparse(inner)[:60],
            what=ast.unparse(node)[:60],
        )


def _large(program: Program, call: Call) -> Iterator[ast.expr]:
    given = [*zip(call.node.args, call.arguments, strict=False)]
    given += [(k.value, call.keywords.get(k.arg)) for k in call.node.keywords if k.arg]
    for node, value in given:
        if value is None or not value.is_instance(*_BIG) or not _has_partitions(value):
            continue
        layout = layout_of(program, value)
        if layout is None or layout.count > 1:
            yield node


def _is_part(program: Program, call: Call, node: ast.expr) -> bool:
    """Whether what is passed is some of the partitions, or what a function's own name holds is."""
    around = call.inside.node if call.inside is not None else None
    if around is None or not isinstance(node, ast.Name):
        return _takes_part(program, node)
    given = [
        part.value
        for part in ast.walk(around)
        if isinstance(part, ast.Assign)
        and any(isinstance(t, ast.Name) and t.id == node.id for t in part.targets)
    ]
    return any(_takes_part(program, value) for value in (node, *given))


def _takes_part(program: Program, node: ast.expr, depth: int = 3) -> bool:
    """Whether an expression takes some of the partitions of a collection."""
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute) and part.attr in _FEW:
            return True
        known = definition(program, part) if depth and isinstance(part, ast.Name) else None
        if known is not None and _takes_part(program, known[1], depth - 1):
            return True
    return False


def _has_partitions(value: Value) -> bool:
    """Whether a collection is known to have several partitions, and not to be little."""
    found = list(ancestors([value]))
    sources = [one for one in found if not any(part in found for part in one.parts or ())]
    if not found or any(made_by(one) in _FEW for one in found):
        return False
    return all(_is_cut(one) for one in sources)


def _is_cut(value: Value) -> bool:
    """Whether what makes a collection makes more than one partition of it."""
    call = value.call
    if call is None:
        return False
    last = made_by(value)
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    if last == "from_sequence" and not {"npartitions", "partition_size"} & set(given):
        return len(call.args) == 1 and not isinstance(call.args[0], (ast.List, ast.Tuple))
    if last == "from_sequence" and "partition_size" in given:
        return True
    if last in ("from_pandas", "from_sequence"):
        number = given.get("npartitions", call.args[1] if len(call.args) > 1 else None)
        return isinstance(number, ast.Constant) and number.value not in (None, 1)
    if last.startswith("read_"):
        path = call.args[0] if call.args else None
        text = str(path.value) if isinstance(path, ast.Constant) else None
        if last == "read_parquet" and text is not None and not PurePath(text).suffix:
            return True  # a folder
        globbed = text is not None and "*" in text
        return globbed or isinstance(path, ast.List) or "blocksize" in given
    if last in _OPENS_MANY:
        chunks = given.get("chunks")
        return not (isinstance(chunks, ast.Constant) and chunks.value is None)
    chunks = given.get("chunks")
    return chunks is not None and not isinstance(chunks, ast.UnaryOp)

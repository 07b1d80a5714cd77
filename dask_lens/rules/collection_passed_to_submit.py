"""A collection is passed to ``client.submit`` or ``client.map``, and arrives lazy.

Arguments of ``submit`` and ``map`` that are futures are replaced by their results. Dask
collections (Delayed objects, arrays, dataframes, bags) are not computed: the function runs on
a worker with the lazy object itself in its hands.

*Why it costs*: a function that expects NumPy or pandas computes the collection inside its task,
piece by piece or as a whole, or gives back another lazy object, for which nothing has run.

*When it is fine*: the function computes it on purpose, with ``compute``, ``persist`` or a client
of its own; it is a function of a library that is made for collections. Of a function that is
neither in the notebook nor in a module beside it nothing is said, as it may do so, unless what
it is given is a Delayed object.

*References*: https://docs.dask.org/en/stable/futures.html;
https://github.com/dask/distributed/issues/3790; https://github.com/dask/distributed/issues/2231
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._told import SENDS, told
from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.free import free_names
from dask_lens.source.loops import names_in
from dask_lens.source.modules import Module
from dask_lens.source.program import Program, read
from dask_lens.source.values import Function, Value, contained
from dask_lens.source.words import words

#: Libraries whose functions expect data, not something lazy.
_FOR_DATA = words("builtins math numpy operator statistics")
_SHOWS = words("builtins.type builtins.repr builtins.str builtins.print builtins.isinstance")
#: What a function does with a collection that it was given on purpose.
_ATTRIBUTES = words(
    "compute persist load result gather dask head tail take visualize npartitions partitions "
    "chunks blocks divisions to_delayed map_partitions map_blocks get_partition store to_csv "
    "to_parquet to_zarr to_netcdf to_hdf5 to_json to_sql to_textfiles"
)
_FAMILY = words("dask distributed dask_ml xgboost lightgbm dask_cudf prefect")
#: Keywords that are the client's own.
_OWN = words(
    "key workers resources retries priority fifo_timeout allow_other_workers actor actors pure "
    "batch_size"
)

rule = Rule(
    __name__,
    code="DSK403",
    kind="fails",
    needs=("source", "tasks"),
    message=(
        "{function} was given {what} as a lazy {type}: {call} passes collections on without "
        "computing them."
    ),
    forecast=(
        "{function} will be given {what} as a lazy {type}: {call} passes collections on without "
        "computing them."
    ),
    advice="Pass a future of it: client.compute(...).",
    rewrite=("compute-argument",),
    dont="""
from dask import delayed
from dask.distributed import Client

client = Client(processes=False, n_workers=1, threads_per_worker=2, dashboard_address=":0")

def double(x):
    return 2 * x

part = delayed(double)(4)
# %%
future = client.submit(double, part)  # found here
# %%
client.shutdown()
""",
    do="""
from dask import delayed
from dask.distributed import Client

client = Client(processes=False, n_workers=1, threads_per_worker=2, dashboard_address=":0")

def double(x):
    return 2 * x

part = delayed(double)(4)
# %%
future = client.submit(double, client.compute(part))
# %%
client.shutdown()
""",
)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find collections among the arguments, by source and by what was seen."""
    del settings
    program = read(run.cells)
    for name in SENDS:
        for call in program.by_name.get(name, ()):
            if run.observed not in (None, call.cell) or not _expects_data(run, program, call):
                continue
            passed = next(_passed(call), None)
            entries = [e for seen in told(run, call) for e in seen.facts.get("collections", ())]
            if passed is None and not entries:
                continue
            what, kind = passed or (entries[0]["name"] or "an argument", entries[0]["type"])
            function = call.node.args[0]
            yield rule.finding(
                program.place(call.cell, call.node),
                certainty="seen" if entries else "likely",
                fixes=(Fix("compute-argument"),),
                function="a lambda" if isinstance(function, ast.Lambda) else ast.unparse(function),
                what=what[:60],
                type=kind.rpartition(".")[2],
                call=ast.unparse(call.node.func),
            )


def _passed(call: Call) -> Iterator[tuple[str, str]]:
    """Yield what a call passes on that is lazy, with its type."""
    given: list[tuple[ast.expr, Value | None]] = list(
        zip(call.node.args[1:], call.arguments[1:], strict=False)
    )
    given += [
        (keyword.value, call.keywords.get(keyword.arg))
        for keyword in call.node.keywords
        if keyword.arg is not None and keyword.arg not in _OWN
    ]
    for node, value in given:
        lazy = contained(value, *api.COLLECTIONS)
        if lazy is not None:
            yield ast.unparse(node), lazy.name


def _expects_data(run: Run, program: Program, call: Call) -> bool:
    """Whether the function that is sent is known, and does nothing that collections are for."""
    value = call.arguments[0] if call.arguments else None
    if value is None:
        return False
    if value.kind == "name":
        if value.name.partition(".")[0] in _FOR_DATA:
            return value.name not in _SHOWS
        return _is_plain(run, value.name, delayed=_only_delayed(call))
    lazy = value.is_instance(api.DELAYED_FUNCTION)  # that it is lazy is another rule's
    function = value.function if lazy or value.kind == "function" else None
    return function is not None and not _is_for_collections(program, function)


def _only_delayed(call: Call) -> bool:
    """Whether all that is lazy is Delayed, which few functions are made for."""
    return all(kind == api.DELAYED_OBJECT for _, kind in _passed(call))


def _is_plain(run: Run, name: str, *, delayed: bool) -> bool:
    """Whether a function of a module beside the file does nothing that collections are for.

    Of one that is elsewhere: whether what it is given is ``delayed``, and no library of Dask's.
    """
    module, _, function = name.rpartition(".")
    text = dict(run.modules).get(module)
    if text is None:
        return delayed and name.partition(".")[0] not in _FAMILY
    reached = Module(text).reached(function)
    return reached is not None and not any(map(_asks, reached))


def _asks(node: ast.AST) -> bool:
    """Whether a function uses what only collections have."""
    return any(isinstance(n, ast.Attribute) and n.attr in _ATTRIBUTES for n in ast.walk(node))


def _is_for_collections(program: Program, function: Function) -> bool:
    waiting, seen = [function], {function}
    while waiting:
        node = waiting.pop().node
        if _asks(node):
            return True
        wrapped = set().union(*map(names_in, getattr(node, "decorator_list", ())))
        for name in free_names(node):
            value = program.scope.names.get(name)
            if value is None or name in wrapped:
                continue
            if value.name.partition(".")[0] in _FAMILY:
                return True
            if value.function is not None and value.function not in seen:
                seen.add(value.function)
                waiting.append(value.function)
    return any(
        isinstance(part, (ast.Import, ast.ImportFrom)) and _is_of_family(part)
        for one in seen
        for part in ast.walk(one.node)
    )


def _is_of_family(node: ast.Import | ast.ImportFrom) -> bool:
    names = [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        names = [node.module or ""]
    return any(name.partition(".")[0] in _FAMILY for name in names)

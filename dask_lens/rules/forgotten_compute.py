"""A task is described and never run, or a lazy object is shown where its value was meant.

Calling a delayed function does nothing but note the call. Without ``compute()`` nothing is saved,
sent or printed. A lazy number in a text shows what it is, not how much.

*Why it costs*: the work is not done, and nothing says so.

*When it is fine*: the last expression of a cell is shown on purpose; the delayed objects are
collected and computed later.

*References*:
https://docs.dask.org/en/stable/delayed-best-practices.html#dont-rely-on-side-effects
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._overwritten import is_overwritten
from dask_lens.rules._ran import concerns
from dask_lens.source import api, methods
from dask_lens.source.calls import Call
from dask_lens.source.lineage import ancestors
from dask_lens.source.program import Program, read
from dask_lens.source.tasks import task_functions
from dask_lens.source.values import Value
from dask_lens.source.waits import waits

rule = Rule(
    __name__,
    code="DSK307",
    kind="fails",
    needs=("source",),
    message="{what} is lazy and never computed: {consequence}.",
    advice="Compute it: collect such objects and call dask.compute on all of them.",
    rewrite=("compute-it",),
    dont="""
import time
from dask import delayed

@delayed
def warm_up(seconds):
    time.sleep(seconds)

warm_up(0.01)  # found here
ready = True
""",
    do="""
import time
from dask import delayed

@delayed
def warm_up(seconds):
    time.sleep(seconds)

warm_up(0.01).compute()
ready = True
""",
)

_TEXTS = ("builtins.print", "builtins.str")
_NUMBERS = (api.SCALAR, api.BAG_ITEM)
#: What gives a number, of numbers.
_ADDS = ("builtins.sum", "builtins.max", "builtins.min")


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find delayed calls that nothing keeps, and lazy numbers that are printed."""
    del settings
    program = read(run.cells)
    tasks = task_functions(program)
    for call in program.calls:
        if not concerns(run, call.cell) or (call.inside is not None and call.inside in tasks):
            continue
        if _is_dropped(program, call):
            yield _finding(program, call.cell, call.node, "nothing is done")
        elif call.name in _TEXTS or _is_format(call):
            for node, value in zip(call.node.args, call.arguments, strict=False):
                if value is None:
                    continue
                if value.is_instance(*_NUMBERS) or _is_never_computed(program, value):
                    yield _finding(program, call.cell, node, "what is printed is no number")
    for read_ in program.reads:
        if read_.how == "shown" and concerns(run, read_.cell):
            yield _finding(program, read_.cell, read_.node, "what is shown is no number")


def _is_never_computed(program: Program, value: Value) -> bool:
    """Whether it is a Delayed that somebody took for its result: nothing computes it."""
    if not value.is_instance(api.DELAYED_OBJECT) or value.call is None:
        return False
    added = program.by_node.get(value.call)
    made = added is not None and added.name in _ADDS
    return made and not any(value in ancestors(wait.values) for wait in waits(program))


def _is_format(call: Call) -> bool:
    func = call.node.func
    plain = call.receiver is not None and call.receiver.kind == "data"
    return plain and isinstance(func, ast.Attribute) and func.attr == "format"


def _finding(program: Program, cell: int, node: ast.expr, consequence: str) -> Finding:
    return rule.finding(
        program.place(cell, node),
        certainty="likely",
        fixes=(Fix("compute-it"),) if isinstance(node, ast.Call) else (),
        what=ast.unparse(node)[:60],
        consequence=consequence,
    )


def _is_dropped(program: Program, call: Call) -> bool:
    made = call.result
    if made is None or not made.is_instance(api.DELAYED_OBJECT) or made.call is not call.node:
        return False
    last = call.name.rpartition(".")[2]
    if last == "to_zarr" and call.receiver is not None and call.receiver.is_instance(*api.XARRAY):
        return False  # it has written the metadata, for which regions are then written
    writes = last in methods.WRITERS
    if not writes and (call.name or call.receiver is not None):
        return False
    cell = program.cells[call.cell]
    statement, *around = cell.parents(call.node)
    if isinstance(statement, ast.ListComp) and statement.elt is call.node:
        statement = around[0]
    if isinstance(statement, ast.Assign) and statement.value is call.node:
        [target, *more] = statement.targets
        if not isinstance(target, ast.Name) or more or _is_read(program, call, target.id):
            return False
        return is_overwritten(program, call, statement, target.id)
    return isinstance(statement, ast.Expr) and statement not in cell.ends


def _is_read(program: Program, call: Call, name: str) -> bool:
    """Whether any cell reads a name that is given something at the top level of one."""
    return call.inside is None and any(
        isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)
        for cell in program.cells
        if name in cell.names
        for node in ast.walk(cell.tree)
    )

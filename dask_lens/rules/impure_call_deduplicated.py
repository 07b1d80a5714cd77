"""Equal calls are submitted to be run again and again, and run once.

Dask takes a function for pure: the key of a task is made from the function and its arguments,
and a key that is there already is not run again. A function that draws random numbers, reads a
clock or a file is not pure, and gives its one result for all.

*Why it costs*: a hundred simulations are one simulation, a hundred times. Nothing is raised; the
results look like results.

*When it is fine*: the function is pure, so that one result is all there is; the calls differ in
an argument; ``pure=False`` or a ``key`` is given; the result is fetched, and dropped, before the
next call; the cell is run again to have the results that are there.

*References*: https://distributed.dask.org/en/stable/client.html#pure-functions-by-default;
https://github.com/dask/distributed/issues/2015;
https://github.com/dask/distributed/pull/4644
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._effects import UNKNOWN, effect_of
from dask_lens.rules._generators import shared_generator
from dask_lens.rules._repeats import bound_in, loops
from dask_lens.rules._told import told
from dask_lens.source.calls import Call
from dask_lens.source.free import free_names
from dask_lens.source.loops import LoopNode
from dask_lens.source.program import Program, read

rule = Rule(
    __name__,
    code="DSK601",
    kind="wrong",
    needs=("source", "tasks"),
    message=(
        "{call} was asked for {asked} tasks and {repeated} of them were there already: equal "
        "calls are one task to Dask, and {function} {why}."
    ),
    forecast=(
        "{call} sends the same call of {function} again and again. Equal calls are one task to "
        "Dask, which runs once for all of them, and {function} {why}."
    ),
    advice="Add pure=False where each call has to run.",
    rewrite=("set-impure",),
    dont="""
import random
from dask.distributed import Client

client = Client(processes=False, n_workers=1, threads_per_worker=2, dashboard_address=":0")

def simulate():
    return random.Random().random()
# %%
futures = [client.submit(simulate) for _ in range(5)]  # found here
results = client.gather(futures)
# %%
client.shutdown()
""",
    do="""
import random
from dask.distributed import Client

client = Client(processes=False, n_workers=1, threads_per_worker=2, dashboard_address=":0")

def simulate():
    return random.Random().random()
# %%
futures = [client.submit(simulate, pure=False) for _ in range(5)]
results = client.gather(futures)
# %%
client.shutdown()
""",
)

_SUBMIT = "distributed.Client.submit"
_MAP = "distributed.Client.map"
#: Keywords by which each call gets a key of its own, or that say that this is meant.
_TOLD = frozenset({"pure", "key", "actor", "actors"})
_TAKES = frozenset({"distributed.Client.gather", "distributed.wait"})


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find equal calls in loops and maps, and equal calls of what is known to be impure."""
    del settings
    program = read(run.cells)
    for call in [*program.by_name.get(_SUBMIT, ()), *program.by_name.get(_MAP, ())]:
        if run.observed not in (None, call.cell) or not _is_open(program, call):
            continue
        why = effect_of(program, call.arguments[0])
        if why is None or shared_generator(program, call) is not None:
            continue
        if _is_repeated(program, call) or (why != UNKNOWN and _is_twin(program, call)):
            function = call.node.args[0]
            facts = [seen.facts for seen in told(run, call)]
            repeated = sum(fact.get("repeated", 0) for fact in facts)
            yield rule.finding(
                program.place(call.cell, call.node),
                certainty="seen" if repeated else "likely",
                asked=sum(fact.get("keys", 0) for fact in facts),
                repeated=repeated,
                fixes=(Fix("set-impure", arguments={"known": why != UNKNOWN}),),
                call=ast.unparse(call.node.func),
                function="a lambda" if isinstance(function, ast.Lambda) else ast.unparse(function),
                why=why,
            )


def _is_open(program: Program, call: Call) -> bool:
    """Whether all that makes the key of the task can be read, and its future is kept a while."""
    node = call.node
    if call.has_unpacked_keywords or any(k.arg in _TOLD for k in node.keywords):
        return False
    if not call.arguments or any(isinstance(argument, ast.Starred) for argument in node.args):
        return False
    parent = next(program.cells[call.cell].parents(node))
    if isinstance(parent, ast.Attribute):
        return False  # ``.result()`` at once: the future is gone before the next call
    around = program.by_node.get(parent) if isinstance(parent, ast.Call) else None
    return around is None or around.name not in _TAKES or _repeats_itself(program, call)


def _is_repeated(program: Program, call: Call) -> bool:
    """Whether a call is made several times with nothing in it that differs."""
    node, cell = call.node, program.cells[call.cell]
    given = [*node.args[1:], *(keyword.value for keyword in node.keywords)]
    around = list(loops(cell, node))
    if _repeats_itself(program, call):
        return True
    if not around:
        return False
    function = call.arguments[0].function if call.arguments[0] is not None else None
    differs = set().union(*(bound_in(loop) for loop in around))
    read_names = {n.id for part in (node.args[0], *given) for n in _names(part)}
    if function is not None:
        read_names |= set(free_names(function.node))
    if read_names & differs or any(_may_differ(part) for part in (node.args[0], *given)):
        return False
    held = {n.id for part in given for n in _names(part)}
    return not any(_is_changed(loop, node, held) for loop in around)


def _repeats_itself(program: Program, call: Call) -> bool:
    """Whether one call of ``map`` is given the same for every task."""
    lists = call.node.args[1:] if call.name == _MAP else []
    return bool(lists) and all(_is_constant_list(program, argument) for argument in lists)


def _names(node: ast.AST) -> Iterator[ast.Name]:
    yield from (child for child in ast.walk(node) if isinstance(child, ast.Name))


def _may_differ(node: ast.expr) -> bool:
    """Whether working out an expression again may give something else."""
    if isinstance(node, ast.Lambda):
        return False
    return any(isinstance(child, (ast.Call, ast.Await, ast.NamedExpr)) for child in ast.walk(node))


def _is_changed(loop: LoopNode, call: ast.Call, names: set[str]) -> bool:
    """Whether a loop does anything else with what a call is given than count with it."""
    heads = [getattr(part, "iter", None) for part in (loop, *getattr(loop, "generators", ()))]
    inside = {node for part in (call, *heads) if part is not None for node in ast.walk(part)}
    return any(name.id in names and name not in inside for name in _names(loop))


def _is_constant_list(program: Program, node: ast.expr) -> bool:
    """Whether every item of an iterable is the same: ``[0] * n``, ``[0 for _ in range(n)]``."""
    if isinstance(node, ast.Call):
        made = program.by_node.get(node)
        return made is not None and made.name == "itertools.repeat"
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        repeated = [part for part in (node.left, node.right) if isinstance(part, ast.List)]
        return any(len(part.elts) == 1 for part in repeated)
    if isinstance(node, (ast.ListComp, ast.GeneratorExp)):
        bound = bound_in(node)
        return not any(n.id in bound for n in _names(node.elt)) and not _may_differ(node.elt)
    return False


def _is_twin(program: Program, call: Call) -> bool:
    """Whether the same call, of constants, stands above it in the same block."""
    if any(not isinstance(argument, ast.Constant) for argument in call.node.args[1:]):
        return False
    if call.node.keywords or not _is_open(program, call):
        return False
    cell = program.cells[call.cell]
    block = next(cell.parents(cell.statement(call.node) or call.node), None)
    text = ast.unparse(call.node)
    for other in program.by_name.get(call.name, ()):
        if other.cell != call.cell or other.node.lineno >= call.node.lineno:
            continue
        same = next(cell.parents(cell.statement(other.node) or other.node), None) is block
        if same and ast.unparse(other.node) == text and _is_open(program, other):
            return True
    return False

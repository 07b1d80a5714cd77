"""What a lazy call was given is changed before the call has run.

``delayed(run)(params)`` keeps a reference to ``params`` and looks into it when it is computed.
What happens to the object until then, the next pass of a loop for one, happens to all calls that
were given it. A lambda that reads the loop's variable sees the last value in the same way.

*Why it costs*: every task of a sweep runs with the last parameters. Nothing is raised, and the
number of results is right.

*When it is fine*: each call is given an object of its own (``dict(params)``, a new one in each
pass); the call is computed before the object changes; a list of lazy objects, which is copied at
the call; a lambda that has the value as a default (``lambda i=i: ...``).

*References*: https://github.com/dask/dask/issues/2409;
https://docs.dask.org/en/stable/delayed-best-practices.html#don-t-mutate-inputs;
https://docs.python.org/3/faq/programming.html#why-do-lambdas-defined-in-a-loop-with-different-values-all-return-the-same-result
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._repeats import bound_in, loops
from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.computes import may_compute
from dask_lens.source.free import free_names
from dask_lens.source.mutations import changed_names
from dask_lens.source.program import Program, read
from dask_lens.source.tasks import TAKES_FUNCTION, task_functions
from dask_lens.source.values import Value, contained
from dask_lens.source.waits import waits
from dask_lens.source.words import words

rule = Rule(
    __name__,
    code="DSK604",
    kind="wrong",
    needs=("source",),
    message=(
        "This lazy call reads {name} when it is computed, and that is another one by then: {how}."
    ),
    advice="Give each call a copy of its own.",
    rewrite=("bind-argument",),
    dont="""
import dask

def run(params):
    return params["phi"] * 2

params = {}
jobs = []
for phi in range(3):
    params["phi"] = phi
    jobs.append(dask.delayed(run)(params))  # found here
results = dask.compute(*jobs, scheduler="sync")
""",
    do="""
import dask

def run(params):
    return params["phi"] * 2

params = {}
jobs = []
for phi in range(3):
    params["phi"] = phi
    jobs.append(dask.delayed(run)(params.copy()))
results = dask.compute(*jobs, scheduler="sync")
""",
)

_NOT_LATER = ("distributed.Client.submit", "distributed.Client.map")
#: Methods that only Dask's collections have.
_OWN_METHODS = words("map_partitions map_blocks map_overlap")
_LOOP = "each pass of the loop changes it"
_LATER = "it is changed before the compute"
_LAMBDA = "the function sees the loop's last value"


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find lazy calls in loops, and before statements, that change what they were given."""
    del settings
    program = read(run.cells)
    for call in program.calls:
        if run.observed not in (None, call.cell):
            continue
        found = _changed_argument(program, call) or _late_name(program, call)
        if found is not None:
            name, how = found
            yield rule.finding(
                program.place(call.cell, call.node),
                certainty="likely",
                fixes=(Fix("bind-argument", arguments={"name": name}),),
                name=name,
                how=how,
            )


def _changed_argument(program: Program, call: Call) -> tuple[str, str] | None:
    """Return the argument of a lazy call that is changed before it is computed."""
    made = call.result
    if made is None or not made.is_instance(api.DELAYED_OBJECT) or call.receiver is not None:
        return None
    if call.name == api.DELAYED:
        return None
    named = [(k.arg, k.value) for k in call.node.keywords if k.arg]  # ``**kwargs`` is a copy
    values = [*call.arguments, *(call.keywords.get(name) for name, _ in named)]
    nodes = [*call.node.args, *(node for _, node in named)]
    names = {
        node.id
        for node, value in zip(nodes, values, strict=True)
        if isinstance(node, ast.Name) and _is_kept(value)
    }
    for loop in loops(program.cells[call.cell], call.node):
        if _computes(program, [loop]):
            return None
        if isinstance(loop, (ast.For, ast.AsyncFor, ast.While)):
            head = [] if isinstance(loop, ast.While) else [loop.target]
            changed = {name for part in (*head, *loop.body) for name, _ in changed_names(part)}
            found = sorted((names - bound_in(loop)) & changed)
            if found:
                return found[0], _LOOP
    return _changed_below(program, call, names)


def _is_kept(value: Value | None) -> bool:
    """Whether a call keeps a reference to a value: what is lazy, it takes apart at once."""
    return contained(value, *api.COLLECTIONS, api.FUTURE) is None


def _changed_below(program: Program, call: Call, names: set[str]) -> tuple[str, str] | None:
    """Look at the statements that follow in the same block, up to the next compute."""
    cell = program.cells[call.cell]
    statement = cell.statement(call.node)
    block = next(cell.parents(statement), None) if statement is not None else None
    if statement is None or block is None or _computes(program, [statement]):
        return None
    left = set(names)
    for _, part in ast.iter_fields(block):
        if not isinstance(part, list) or statement not in part:
            continue
        for below in part[part.index(statement) + 1 :]:
            if _computes(program, [below]) or not left:
                return None
            changed = {name for name, _ in changed_names(below)} & left
            if changed:
                return min(changed), _LATER
            left -= {n.id for n in ast.walk(below) if _is_store(n) and isinstance(n, ast.Name)}
    return None


def _is_store(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def _late_name(program: Program, call: Call) -> tuple[str, str] | None:
    """Return the loop's name that a lazy function, made in the loop, reads when it runs."""
    if call.name in _NOT_LATER:
        return None
    first = call.arguments[0] if call.arguments else None
    function = first.function if first is not None and first.kind == "function" else None
    if function is None and not isinstance(call.node.func, ast.Call):
        function = call.callee
    if function is None or function.cell != call.cell:
        return None
    if not _takes_function(call) and call not in task_functions(program).get(function, ()):
        return None
    cell = program.cells[call.cell]
    free = set(free_names(function.node))
    for loop in loops(cell, call.node):
        if _computes(program, [loop]):
            return None
        # A function of the cell's own reads the cell's own names when it runs.
        inside = any(node is function.node for node in ast.walk(loop)) or (
            function.node in cell.tree.body and call.inside is None
        )
        found = sorted(free & bound_in(loop)) if inside else []
        if found:
            return found[0], _LAMBDA
    return _bound_below(program, call, free)


def _takes_function(call: Call) -> bool:
    func = call.node.func
    own = isinstance(func, ast.Attribute) and func.attr in _OWN_METHODS
    return call.name in TAKES_FUNCTION or (own and not call.name and call.receiver is None)


def _bound_below(program: Program, call: Call, names: set[str]) -> tuple[str, str] | None:
    """Look for names of a lazy function that the statements up to the compute bind anew."""
    cell = program.cells[call.cell]
    statement = cell.statement(call.node)
    block = next(iter(cell.parents(statement)), None) if statement is not None else None
    ran = {wait.node for wait in waits(program)}
    if statement is None or any(node in ran for node in ast.walk(statement)):
        return None
    for _, part in ast.iter_fields(block) if block is not None else ():
        if not isinstance(part, list) or statement not in part:
            continue
        place = part.index(statement)
        left = {name for above in part[:place] for name in _assigned(above)} & names
        for below in part[place + 1 :]:
            if not left or any(node in ran for node in ast.walk(below)):
                return None
            found = left & _assigned(below)
            if found:
                return min(found), _LATER
    return None


def _assigned(statement: ast.stmt) -> set[str]:
    """Return the names that a statement gives a value, by itself."""
    if not isinstance(statement, ast.Assign):
        return set()
    return {target.id for target in statement.targets if isinstance(target, ast.Name)}


def _computes(program: Program, nodes: list[ast.AST]) -> bool:
    calls = (n for node in nodes for n in ast.walk(node) if isinstance(n, ast.Call))
    found = (program.by_node.get(call) for call in calls)
    return any(call is not None and may_compute(call) for call in found)

"""A client is made although one with a cluster of its own is there.

``Client()`` without an address starts a cluster. Run a second time, in a loop, a function or a
task, it starts another one: the first goes on running with its workers, its memory and its port,
and futures and persisted data belong to it, not to the new one.

*Why it costs*: every cluster takes processes, memory and seconds to start; both use the same
processors; what was persisted on the first cannot be used on the second.

*When it is fine*: ``with Client() as client:``, which closes it; a client of a cluster that is
there (``Client(address)``, ``Client(cluster)``); a first client that was closed, or that is used
afterwards as well, beside the second; one made only where asking for one has failed.

*References*: https://github.com/dask/distributed/issues/2186;
https://github.com/dask/distributed/issues/4769.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._ran import concerns, is_over
from dask_lens.rules._settings import client_at
from dask_lens.source.calls import Call
from dask_lens.source.configured import block_of
from dask_lens.source.loops import Loop, loop_of
from dask_lens.source.program import Program, read
from dask_lens.source.tasks import task_functions

_CLIENT = "distributed.Client"
_CLUSTER = "distributed.LocalCluster"

rule = Rule(
    __name__,
    code="DSK206",
    kind="slow",
    needs=("source", "tasks"),
    message=(
        "A new cluster was started although {others} with a cluster of its own {was} still there."
    ),
    forecast="{what}: a new cluster is started, and the one before goes on running.",
    advice="Make one client per notebook; use it again with Client.current(), or close it first.",
    rewrite=("use-current-client",),
    dont="""
from dask.distributed import Client

first = Client(n_workers=1, processes=False, dashboard_address=":0")
# %%
second = Client(n_workers=1, processes=False, dashboard_address=":0")  # found here
# %%
second.close()
first.close()
""",
    do="""
from dask.distributed import Client

first = Client(n_workers=1, processes=False, dashboard_address=":0")
# %%
second = Client.current()
# %%
second.close()
first.close()
""",
)


@rule.check
def check(run: Run, _: Settings) -> Iterator[Finding]:
    """Find clients that bring a cluster although one is there."""
    program = read(run.cells)
    for call in program.by_name.get(_CLUSTER, ()):
        if concerns(run, call.cell) and _leaves_cluster(program, call):
            place = program.place(call.cell, call.node)
            yield rule.finding(place, certainty="likely", what="There is a cluster already")
    for call in program.by_name.get(_CLIENT, ()):
        if _connects(call) or block_of(program, call) is not None:
            continue
        if _is_beside(program, call) or _is_last_resort(program, call):
            continue
        place = program.place(call.cell, call.node)
        what = _why(program, call)
        fixes = (Fix("use-current-client"),)
        if is_over(run):
            lines = range(place.line, (place.end_line or place.line) + 1)
            others = _others(run, place.cell, lines)
            if others:
                was = "was" if others == 1 else "were"
                told = f"{others} client{'s' * (others != 1)}"
                yield rule.finding(place, certainty="seen", fixes=fixes, others=told, was=was)
        elif what is None and _forgets_cluster(program, call) and concerns(run, call.cell):
            what = "The local cluster above is not passed"
            yield rule.finding(place, certainty="likely", what=what)
        elif what is not None and concerns(run, call.cell):
            yield rule.finding(place, certainty="likely", fixes=fixes, what=what)


def _connects(call: Call) -> bool:
    """Whether a client is told of the cluster that it is for, and starts none."""
    return bool(call.node.args or call.keyword("address") or call.keyword("scheduler_file"))


def _is_beside(program: Program, call: Call) -> bool:
    """Whether the client that is there already is used afterwards, too: then both are meant."""
    before = client_at(program, call) if call.inside is None else None
    return before is not None and any(
        other.receiver is not None
        and other.receiver.call is before.node
        and other.position > call.position
        and other.name.rpartition(".")[2] not in ("close", "shutdown")
        for other in program.calls
    )


def _is_last_resort(program: Program, call: Call) -> bool:
    """Whether a client is made only where there is none: it was asked for before."""
    cell = program.cells[call.cell]
    names = {ast.unparse(target) for target in getattr(cell.statement(call.node), "targets", ())}
    for parent in cell.parents(call.node):
        if isinstance(parent, ast.ExceptHandler):
            return True
        asked = ast.walk(parent.test) if isinstance(parent, ast.If) else ()
        if names & {str(getattr(part, "id", getattr(part, "value", ""))) for part in asked}:
            return True
    return False


def _leaves_cluster(program: Program, call: Call) -> bool:
    """Whether a local cluster is started in a cell, and one of an earlier cell is left behind."""
    before = client_at(program, call) if call.inside is None else None
    if before is None or block_of(program, call) or _is_beside(program, call):
        return False
    given = before.arguments[0] if before.arguments else None
    maker = program.by_node.get(given.call) if given is not None and given.call else None
    if before.name != _CLIENT or before.cell == call.cell or before.keyword("address"):
        return False
    if given is None:
        return not before.node.args
    if maker is None or maker.name != _CLUSTER or maker is call:
        return False
    return not any(
        other.receiver is not None
        and other.receiver.call is maker.node
        and other.name.rpartition(".")[2] == "close"
        and maker.position < other.position < call.position
        for other in program.calls
    )


def _forgets_cluster(program: Program, call: Call) -> bool:
    """Whether a local cluster was started just above, and nothing at all is asked of it."""
    if call.node.keywords or call.inside is not None:
        return False
    made = [one for one in program.by_name.get(_CLUSTER, ()) if one.position < call.position]
    before = made[-1] if made else None
    if before is None or before.inside is not None or block_of(program, before):
        return False
    statement = program.cells[before.cell].statement(before.node)
    if not isinstance(statement, ast.Assign) or statement.value is not before.node:
        return False
    names = {target.id for target in statement.targets if isinstance(target, ast.Name)}
    used = [
        next(cell.parents(node))
        for cell in program.cells
        for node in ast.walk(cell.tree)
        if isinstance(node, ast.Name) and node.id in names and isinstance(node.ctx, ast.Load)
    ]
    return bool(names) and all(getattr(parent, "attr", "") == "close" for parent in used)


def _why(program: Program, call: Call) -> str | None:
    """Say why a client will be there already; None where that is not so."""
    if any(keyword.arg is None for keyword in call.node.keywords):
        return None
    loop = loop_of(program, call.cell, call.node, call.inside)
    if loop is not None:
        return None if _closes(program, call, loop) else "Client() in a loop"
    if call.inside is not None:
        if call.inside in task_functions(program):
            ends = any(other.inside == call.inside for other in _ends(program))
            return None if ends else "Client() in a task"
        return "There is a client already" if _is_second(program, call) else None
    before = client_at(program, call)
    if before is None or before.name != _CLIENT or _connects(before):
        return None
    return "There is a client already"


def _is_second(program: Program, call: Call) -> bool:
    """Whether the statements above, in the same block of a function, leave a client open."""
    cell = program.cells[call.cell]
    statement = cell.statement(call.node)
    block = next(iter(cell.parents(statement)), None) if statement is not None else None
    for _, part in ast.iter_fields(block) if block is not None else ():
        if isinstance(part, list) and statement in part:
            above = [n for s in part[: part.index(statement)] for n in ast.walk(s)]
            return _leaves_client(program, above)
    return False


def _leaves_client(program: Program, nodes: list[ast.AST]) -> bool:
    made = [
        node
        for node in nodes
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and (call := program.by_node.get(node.value)) is not None
        and call.name == _CLIENT
        and not _connects(call)
    ]
    ends = [n for n in nodes if isinstance(n, ast.Attribute) and n.attr in ("close", "shutdown")]
    return bool(made) and not ends


def _closes(program: Program, call: Call, loop: Loop) -> bool:
    """Whether something is closed in the loop, or in the function that makes the client."""
    statement = program.cells[call.cell].statement(call.node)
    names = {ast.unparse(target) for target in getattr(statement, "targets", ())}
    ends = {f"{name}.{last}" for name in names for last in ("close", "shutdown")}
    if any(isinstance(part, ast.Call) and ast.unparse(part.func) in ends for part in loop.parts()):
        return True
    return any(
        (call.inside is not None and other.inside == call.inside)
        or any(parent is loop.node for parent in program.cells[other.cell].parents(other.node))
        for other in _ends(program)
    )


def _ends(program: Program) -> Iterator[Call]:
    for name in ("distributed.Client.close", "distributed.Client.shutdown"):
        yield from program.by_name.get(name, ())


def _others(run: Run, cell: int, lines: range) -> int:
    return max(
        (
            call.facts.get("others", 0)
            for call in run.calls
            if call.name == _CLIENT
            and call.facts.get("address") == "none"
            and call.facts.get("context") is False
            and call.place is not None
            and call.place.cell == cell
            and call.place.line in lines
        ),
        default=0,
    )

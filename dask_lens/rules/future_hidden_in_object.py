"""A future travels to a task inside an object, where Dask does not look for it.

Among the arguments of ``submit`` and ``map``, Dask looks for futures in lists, tuples, sets and
dicts, hands over their results and waits for them. In the attribute of an object, around a
lambda or in a ``partial`` it does not look: the task is given the ``Future`` itself.

*Why it costs*: the task starts without waiting for the data. Where the Future has no client on
the worker, its ``result()`` raises; where it has one, the scheduler does not know that somebody
needs the data, and may forget it (``CancelledError``).

*When it is fine*: the future is an argument of its own, or in a list or dict; the object is kept
and not sent; the task is given a key.

*References*: https://github.com/dask/distributed/issues/7746;
https://github.com/dask/distributed/issues/8998; https://github.com/dask/distributed/issues/7498
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator, Mapping
from typing import Any

from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._told import SENDS, told
from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.cell import ParsedCell
from dask_lens.source.free import free_names
from dask_lens.source.program import Program, read
from dask_lens.source.values import Value, contained

rule = Rule(
    __name__,
    code="DSK106",
    kind="fails",
    needs=("source", "tasks"),
    message=(
        "The future {name} was sent {where}, where Dask does not look: the task was given the "
        "Future itself, and its data can be forgotten before it is read."
    ),
    forecast=(
        "The future {name} is sent {where}, where Dask does not look: the task is given the "
        "Future itself, and its data can be forgotten before it is read."
    ),
    advice="Pass the future as an argument of its own.",
    rewrite=("pass-future",),
    dont="""
from dask.distributed import Client, wait

client = Client(processes=False, n_workers=1, threads_per_worker=2, dashboard_address=":0")
number = client.submit(abs, -1)
# %%
total = client.submit(lambda: number.result() + 1)  # found here
# %%
wait(total)
client.shutdown()
""",
    do="""
from dask.distributed import Client, wait

client = Client(processes=False, n_workers=1, threads_per_worker=2, dashboard_address=":0")
number = client.submit(abs, -1)
# %%
total = client.submit(lambda number: number + 1, number=number)
# %%
wait(total)
client.shutdown()
""",
)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find futures in what a function brings along, and in objects that are passed."""
    del settings
    program = read(run.cells)
    for call in [call for name in SENDS for call in program.by_name.get(name, ())]:
        if run.observed not in (None, call.cell):
            continue
        seen = [
            entry for observed in told(run, call) for entry in observed.facts.get("futures", [])
        ]
        found = _hidden(program, call)
        if found is None and seen:
            found = _told(seen[0])
        if found is not None:
            name, where = found
            yield rule.finding(
                program.place(call.cell, call.node),
                certainty="seen" if seen else "likely",
                fixes=(Fix("pass-future", arguments={"name": name}),),
                name=name,
                where=where,
            )


def _told(seen: Mapping[str, Any]) -> tuple[str, str]:
    """Return the future that was seen to be sent hidden, and where it was hidden."""
    parts = (seen.get("name"), seen.get("attribute"))
    name = ".".join(str(part) for part in parts if part) or "that"
    function = seen.get("argument") == "function"
    return name, "along with the function" if function else "inside an argument"


def _hidden(program: Program, call: Call) -> tuple[str, str] | None:
    """Return the future that a call sends hidden, and where it is hidden."""
    if not call.node.args:
        return None
    node, function = call.node.args[0], call.arguments[0]
    partial = program.by_node.get(node) if isinstance(node, ast.Call) else None
    if partial is not None and partial.name == "functools.partial":
        found = _future_among(partial)
        if found is not None:
            return found, "in a partial"
    if function is not None and function.kind == "function" and function.function is not None:
        brought = _brought(program, function)
        if brought is not None:
            return brought, "along with the function"
    owner = [node.value] if isinstance(node, ast.Attribute) else []
    for argument in [*owner, *call.node.args[1:]]:
        made = _object(program, call, argument)
        found = _future_among(made) if made is not None else None
        if made is not None and found is None:
            found = _put_into(program, call, argument)
        if found is not None and made is not None:
            return found, f"inside a {ast.unparse(made.node.func)}"
    return None


def _put_into(program: Program, call: Call, node: ast.expr) -> str | None:
    """Return the future that an object is given as an attribute, before a call sends it."""
    name = node.id if isinstance(node, ast.Name) else ""
    cells = enumerate(program.cells[: call.cell + 1])
    above = [(n, part) for n, c in cells if name in c.names for part in ast.walk(c.tree)]
    for cell, statement in above:
        target = statement.targets[0] if isinstance(statement, ast.Assign) else None
        if (
            isinstance(statement, ast.Assign)
            and isinstance(target, ast.Attribute)
            and isinstance(target.value, ast.Name)
            and target.value.id == name
            and (cell, statement.lineno) < (call.cell, call.node.lineno)
            and contained(_known(program, statement.value), api.FUTURE) is not None
        ):
            return ast.unparse(statement.value)
    return None


def _known(program: Program, node: ast.expr) -> Value | None:
    if isinstance(node, ast.Name):
        return program.scope.names.get(node.id)
    made = program.by_node.get(node) if isinstance(node, ast.Call) else None
    return made.result if made is not None else None


def _brought(program: Program, value: Value) -> str | None:
    """Return the name, from around a function, that means a future."""
    function = value.function
    for name in free_names(function.node) if function is not None else ():
        scope = function.scope.holder(name) if function is not None else None
        known = (scope or program.scope).names.get(name)
        if contained(known, api.FUTURE) is not None:
            return name
    return None


def _object(program: Program, call: Call, node: ast.expr) -> Call | None:
    """Return the call of a class, the notebook's or a plain one, that made an argument."""
    if isinstance(node, ast.Name):
        cells = program.cells[: call.cell + 1]
        given = [value for cell in cells for value in _assigned(cell).get(node.id, ())]
        if len(given) != 1:
            return None
        node = given[0]
    made = program.by_node.get(node) if isinstance(node, ast.Call) else None
    if made is None or made.name == "types.SimpleNamespace":
        return made
    func = made.node.func
    own = isinstance(func, ast.Name) and any(func.id in _classes(c) for c in program.cells)
    return made if own else None


@functools.lru_cache(maxsize=512)
def _classes(cell: ParsedCell) -> frozenset[str]:
    return frozenset(n.name for n in ast.walk(cell.tree) if isinstance(n, ast.ClassDef))


@functools.lru_cache(maxsize=512)
def _assigned(cell: ParsedCell) -> dict[str, list[ast.expr]]:
    """Return what each name of a cell is given, one name at a time."""
    found: dict[str, list[ast.expr]] = {}
    for part in ast.walk(cell.tree):
        if isinstance(part, ast.Assign) and len(part.targets) == 1:
            target = part.targets[0]
            if isinstance(target, ast.Name):
                found.setdefault(target.id, []).append(part.value)
    return found


def _future_among(call: Call) -> str | None:
    """Return the argument of a call that is, or holds, a future."""
    values = [*call.arguments, *(call.keywords.get(k.arg or "") for k in call.node.keywords)]
    nodes = [*call.node.args, *(keyword.value for keyword in call.node.keywords)]
    for node, value in zip(nodes, values, strict=True):
        if contained(value, api.FUTURE) is not None:
            return ast.unparse(node)
    return None

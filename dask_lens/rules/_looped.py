"""Waits in loops: which of them could be one wait after the loop."""

from __future__ import annotations

import ast
import functools
import re

from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.lineage import ancestors, made_by
from dask_lens.source.loops import COMPREHENSIONS, Loop, loop_of, names_in
from dask_lens.source.passes import (
    ends_at_once,
    hands_on,
    is_exposed,
    is_sequential,
    names_reached,
    stored_names,
)
from dask_lens.source.program import Program
from dask_lens.source.timing import is_timed_line, tells_time
from dask_lens.source.waits import Wait, waits

#: Calls that make each pass another experiment, a pause in which others work, or a question.
_EXPERIMENTS = frozenset(
    {
        "builtins.input",
        "dask.config.set",
        "time.sleep",
        "asyncio.sleep",
        api.CLIENT,
        "distributed.LocalCluster",
    }
)
_SCALING = frozenset({"scale", "adapt", "restart", "wait_for_workers"})
_PIECES = re.compile(r"\.(partitions|blocks|get_partition|to_delayed|vindex)\b")
_CONSUMERS = frozenset({"partial_fit", "fit", "train_on_batch", "train_step"})
_COLLECTS = frozenset({"append", "extend", "add"})


@functools.lru_cache(maxsize=8)
def looped(program: Program) -> dict[Wait, Loop]:
    """Return the waits that are in a loop for no reason that can be seen.

    Parameters
    ----------
    program
        The cells.
    """
    found: dict[Wait, Loop] = {}
    for wait in waits(program):
        loop = loop_of(program, wait.cell, wait.node, wait.inside)
        if loop is not None and not is_meant(program, wait, loop):
            found[wait] = loop
    return found


def is_meant(program: Program, wait: Wait, loop: Loop) -> bool:
    """Whether there is a reason to wait in every pass of the loop."""
    return (
        is_sequential(loop)
        or _steps(loop)
        or _is_endless(loop)
        or _keeps_state(wait, loop)
        or ends_at_once(loop)
        or _takes_many(wait, loop)
        or _is_experiment(program, wait, loop)
        or _streams(program, wait, loop)
        or _lets_go(program, wait, loop)
    )


def _steps(loop: Loop) -> bool:
    """Whether a pass persists a state that the next one goes on from: steps in time, say."""
    persists = any(getattr(part, "attr", "") == "persist" for part in loop.parts())
    return persists and hands_on(loop)


def _is_endless(loop: Loop) -> bool:
    """Whether nobody knows how many passes there will be: ``while True:``."""
    return isinstance(loop.node, ast.While) and isinstance(loop.node.test, ast.Constant)


def _keeps_state(wait: Wait, loop: Loop) -> bool:
    """Whether the method that a pass calls goes on from what its last call left behind."""
    if loop.call is None or wait.inside is None or wait.inside.owner is None:
        return False
    body = getattr(wait.inside.node, "body", ())
    return isinstance(body, list) and any(
        name.startswith("self.") and is_exposed(body, name) for name in stored_names(body)
    )


def _takes_many(wait: Wait, loop: Loop) -> bool:
    """Whether each pass computes a batch of its own."""
    if wait.call is None or wait.how == "result":
        return False
    if any(isinstance(argument, ast.Starred) for argument in wait.call.node.args):
        return True
    if any(value is not None and value.kind == "items" for value in wait.values):
        return True
    inside = set(loop.parts())
    made = [value for value in ancestors(wait.values) if made_by(value) == "from_sequence"]
    return bool(made) and all(value.call in inside for value in made)


def _is_experiment(program: Program, wait: Wait, loop: Loop) -> bool:
    """Whether the passes are timed, differ in settings, or only repeat the same."""
    parts = list(loop.parts())
    if is_timed_line(program.cells[wait.cell], wait.node) or tells_time(program, parts):
        return True
    for node in parts:
        call = program.by_node.get(node) if isinstance(node, ast.Call) else None
        if call is not None and _is_setting(call):
            return True
    through = wait.inside is not None and loop.call is not None
    if through and wait.inside is not None and tells_time(program, ast.walk(wait.inside.node)):
        return True
    changing = loop.targets | stored_names(loop.body)
    if wait.call is not None and loop.call is None and wait.how != "write":
        options = [keyword.value for keyword in wait.call.node.keywords]
        if any(names_in(option) & changing for option in options):
            return True
    if loop.call is not None:
        return False
    if _takes_item(program, wait, changing) or _meets(program, wait, loop.targets):
        return False
    return not names_in(wait.node) & changing and not _calls_unknown(program, wait)


def _takes_item(program: Program, wait: Wait, changing: set[str]) -> bool:
    """Whether each pass takes another item of what is computed: ``x.compute().iloc[n]``."""
    for parent in program.cells[wait.cell].parents(wait.node):
        if isinstance(parent, ast.Subscript) and names_in(parent.slice) & changing:
            return True
        if not isinstance(parent, (ast.Attribute, ast.Subscript)):
            break
    return False


def _meets(program: Program, wait: Wait, changing: set[str]) -> bool:
    """Whether a method puts it together with what each pass has of its own: ``mine.join(...)``."""
    for parent in program.cells[wait.cell].parents(wait.node):
        if isinstance(parent, ast.stmt):
            break
        func = getattr(parent, "func", None)
        if isinstance(func, ast.Attribute) and names_in(func.value) & changing:
            return True
    return False


def _is_setting(call: Call) -> bool:
    if call.name in _EXPERIMENTS or api.is_cluster(call.name):
        return True
    func = call.node.func
    owner = call.receiver
    scaled = isinstance(func, ast.Attribute) and func.attr in _SCALING
    return scaled and owner is not None and owner.is_instance(api.CLIENT, api.CLUSTER)


def _calls_unknown(program: Program, wait: Wait) -> bool:
    """Whether what is computed comes out of a call that may give something else each time."""
    made = (n for lazy in wait.lazies for n in ast.walk(lazy) if isinstance(n, ast.Call))
    return any(isinstance(node.func, ast.Name) for node in made if node in program.by_node)


def _streams(program: Program, wait: Wait, loop: Loop) -> bool:
    """Whether piece after piece of something large is used and let go."""
    cell = program.cells[loop.cell]
    parents = list(cell.parents(loop.repeated))
    for parent in parents:
        if isinstance(parent, (ast.Yield, ast.YieldFrom)):
            return True
        if _method(parent) in _CONSUMERS:
            return True
        if isinstance(parent, ast.stmt):
            break
    sources = list(wait.lazies)
    if isinstance(loop.node, (ast.For, ast.AsyncFor)):
        sources.append(loop.node.iter)
    pieces = any(_PIECES.search(ast.unparse(source)) for source in sources)
    if not pieces or isinstance(loop.node, COMPREHENSIONS):
        return False
    if _gives_rows(parents):
        return False
    return not is_collected(parents) and not _goes_into_a_list(program, loop)


def _lets_go(program: Program, wait: Wait, loop: Loop) -> bool:
    """Whether a pass deletes what it has computed: more than one of these would not fit."""
    statement = program.cells[wait.cell].statement(wait.node)
    targets = getattr(statement, "targets", ()) if loop.call is None else ()
    names = {
        part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)
    }
    deleted = [n for part in loop.parts() if isinstance(part, ast.Delete) for n in part.targets]
    return any(isinstance(node, ast.Name) and node.id in names for node in deleted)


def _gives_rows(parents: list[ast.AST]) -> bool:
    """Whether a loop goes through what is computed, and puts each row of it into a list."""
    rows = next((parent for parent in parents if isinstance(parent, ast.stmt)), None)
    if not isinstance(rows, ast.For) or not any(parent is rows.iter for parent in parents):
        return False
    bound = names_in(rows.target)
    return any(
        _method(node) in _COLLECTS and isinstance(node, ast.Call) and bound & names_in(argument)
        for statement in rows.body
        for node in ast.walk(statement)
        for argument in getattr(node, "args", ())
    )


def _goes_into_a_list(program: Program, loop: Loop) -> bool:
    """Whether what is made of a piece is delayed again, and collected."""
    reached = names_reached(program.cells[loop.cell].tree, loop.repeated)
    return any(
        isinstance(node, ast.Call)
        and (call := program.by_node.get(node)) is not None
        and call.result is not None
        and call.result.is_instance(api.DELAYED_OBJECT)
        and any(names_in(argument) & reached for argument in node.args)
        for node in loop.parts()
    )


def is_collected(parents: list[ast.AST]) -> bool:
    """Whether a value is put into a list, a dict or a sum.

    Parameters
    ----------
    parents
        What the expression stands in, from the inside out.
    """
    for parent in parents:
        if isinstance(parent, ast.AugAssign) or _method(parent) in _COLLECTS:
            return True
        if isinstance(parent, ast.Assign):
            return any(isinstance(target, ast.Subscript) for target in parent.targets)
        if isinstance(parent, ast.stmt):
            return False
    return False


def _method(node: ast.AST) -> str:
    """Return the name of the method that is called; empty where it is no such call."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr
    return ""

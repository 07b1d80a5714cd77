"""Calls that send the same function with the same arguments again: one task to Dask."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator

from dask_lens.rules._repeats import bound_in, loops
from dask_lens.source.calls import Call
from dask_lens.source.free import free_names
from dask_lens.source.loops import LoopNode
from dask_lens.source.program import Program

SUBMIT = "distributed.Client.submit"
MAP = "distributed.Client.map"
#: Keywords by which each call gets a key of its own, or that say that this is meant.
_TOLD = frozenset({"pure", "key", "actor", "actors"})
_TAKES = frozenset({"distributed.Client.gather", "distributed.wait"})


def is_open(program: Program, call: Call) -> bool:
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


def is_repeated(program: Program, call: Call) -> bool:
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
    if not held <= _bound_names(program):
        return False  # of a sketch: what it stands for is told elsewhere
    return not any(_is_changed(loop, node, held) for loop in around)


def _repeats_itself(program: Program, call: Call) -> bool:
    """Whether one call of ``map`` is given the same for every task."""
    lists = call.node.args[1:] if call.name == MAP else []
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


def is_twin(program: Program, call: Call) -> bool:
    """Whether the same call, of constants, stands above it in the same block."""
    if any(not isinstance(argument, ast.Constant) for argument in call.node.args[1:]):
        return False
    if call.node.keywords or not is_open(program, call):
        return False
    cell = program.cells[call.cell]
    block = next(cell.parents(cell.statement(call.node) or call.node), None)
    text = ast.unparse(call.node)
    for other in program.by_name.get(call.name, ()):
        if other.cell != call.cell or other.node.lineno >= call.node.lineno:
            continue
        same = next(cell.parents(cell.statement(other.node) or other.node), None) is block
        if same and ast.unparse(other.node) == text and is_open(program, other):
            return True
    return False


@functools.lru_cache(maxsize=8)
def _bound_names(program: Program) -> frozenset[str]:
    found = {name for name, value in program.scope.names.items() if value is not None}
    for cell in program.cells:
        for node in ast.walk(cell.tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                found.add(node.id)
            elif isinstance(node, ast.arg):
                found.add(node.arg)
            elif isinstance(node, ast.alias):
                found.add(node.asname or node.name.partition(".")[0])
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                found.add(node.name)
    return frozenset(found)

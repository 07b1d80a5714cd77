"""Generators of random numbers that travel to tasks together with their state."""

from __future__ import annotations

import ast

from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.free import free_names
from dask_lens.source.loops import LoopNode, loop_around
from dask_lens.source.program import Program
from dask_lens.source.values import Function, Value

#: Functions of ``random`` and ``numpy.random`` that are no methods of a hidden generator.
_NO_METHODS = frozenset(
    {"default_rng", "Generator", "RandomState", "Random", "SeedSequence", "SystemRandom", "PCG64"}
)


def is_generator(value: Value | None) -> bool:
    """Whether a value is a generator of random numbers."""
    return value is not None and value.is_instance(*api.RANDOM_GENERATORS)


def is_hidden(value: Value | None) -> bool:
    """Whether a function is a method of the generator that its module keeps."""
    if value is None or value.kind != "name" or value.parts:
        return False
    module, _, last = value.name.rpartition(".")
    return module in ("random", "numpy.random") and last not in _NO_METHODS


def shared_generator(program: Program, call: Call, *, first: int = 0) -> str | None:
    """Return how the generator is called whose state every task of a call gets a copy of.

    Parameters
    ----------
    program
        The cells.
    call
        A call that sends a function to be run, with its arguments.
    first
        Where the function stands among the arguments; -1 where it is what is called.

    Returns
    -------
    str or None
        None where there is none, or where each task has its own.
    """
    nodes = [*call.node.args, *(keyword.value for keyword in call.node.keywords)]
    values = [*call.arguments, *(call.keywords.get(k.arg or "") for k in call.node.keywords)]
    for number, (node, value) in enumerate(zip(nodes, values, strict=True)):
        if number == first:
            found = brought_by(program, node, value)
        else:
            found = _written(node) if is_generator(value) else None
        if found is not None and not _is_fresh(program, call, found):
            return found
    return None


def brought_by(program: Program, node: ast.expr, value: Value | None) -> str | None:
    """Return the generator that a function brings along: bound to it, or from around it.

    Parameters
    ----------
    program
        The cells.
    node, value
        The function as it is written, and what is known of it.
    """
    if value is None:
        return None
    if isinstance(node, ast.Call) and node.args:
        partial = program.by_node.get(node)
        given = _bound(partial) if partial is not None else []
        bound = next((_written(n) for n, v in given if is_generator(v)), None)
        if bound is not None:
            return bound
        node = node.args[0]  # of ``partial``
    if value.kind == "name" and value.parts:
        return _written(node.value) if isinstance(node, ast.Attribute) else None
    if value.kind == "name":
        named = isinstance(node, (ast.Name, ast.Attribute))
        return ast.unparse(node) if named and is_hidden(value) else None
    if value.function is None:
        return None
    function = value.function
    held = _held(function)
    if held is not None and isinstance(node, ast.Attribute):
        return f"{ast.unparse(node.value)}.{held}"
    for name in free_names(function.node):
        holder_scope = function.scope.holder(name)
        known = holder_scope.names.get(name) if holder_scope is not None else None
        known = known if known is not None else program.scope.names.get(name)
        if is_generator(known):
            return name
    return None


def _bound(call: Call) -> list[tuple[ast.expr, Value | None]]:
    """Return what ``partial`` binds to its function."""
    return [
        *zip(call.node.args[1:], call.arguments[1:], strict=False),
        *((k.value, call.keywords.get(k.arg or "")) for k in call.node.keywords),
    ]


def _written(node: ast.expr) -> str | None:
    """Return how a generator is written, where that is its name, or an attribute of a name."""
    owner = node.value if isinstance(node, ast.Attribute) else node
    return ast.unparse(node) if isinstance(owner, ast.Name) else None


def _held(function: Function) -> str | None:
    """Return the attribute of its object that a method draws from."""
    members = function.owner.members if function.owner is not None else None
    parameters = function.node.args.args
    if members is None or not function.is_bound or not parameters:
        return None
    for node in ast.walk(function.node):
        if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
            continue
        if node.value.id == parameters[0].arg and is_generator(members.get(node.attr)):
            return node.attr
    return None


def _is_fresh(program: Program, call: Call, name: str) -> bool:
    """Whether each pass of the loop around a call makes the generator anew."""
    loop: LoopNode | None = loop_around(program.cells[call.cell], call.node)
    while loop is not None:
        if any(
            isinstance(node, (ast.Name, ast.Attribute))
            and isinstance(node.ctx, ast.Store)
            and ast.unparse(node) in (name, name.partition(".")[0])
            for node in ast.walk(loop)
        ):
            return True
        loop = loop_around(program.cells[call.cell], loop)
    return False

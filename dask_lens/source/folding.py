"""Loops that put the lazy result of each pass together with that of the passes before."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from dataclasses import dataclass

from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.definitions import definition
from dask_lens.source.loops import LoopNode, loop_around, names_in
from dask_lens.source.passes import stored_names
from dask_lens.source.program import Program
from dask_lens.source.sizes import number
from dask_lens.source.values import Function, Value
from dask_lens.source.words import words

#: Functions of two values, or of a list of two, with which it does not matter what is put
#: together first.
_ASSOCIATIVE = words(
    "builtins.max builtins.min builtins.sum operator.add operator.mul operator.or_ operator.and_ "
    "operator.xor operator.concat operator.iadd numpy.add numpy.multiply numpy.maximum "
    "numpy.minimum numpy.fmax numpy.fmin numpy.logical_or numpy.logical_and numpy.union1d "
    "numpy.concatenate numpy.hstack numpy.vstack pandas.concat pandas.Index.union"
)
_OPERATORS = (ast.Add, ast.Mult, ast.BitOr, ast.BitAnd, ast.BitXor)
_LAZY = (api.DELAYED_OBJECT, api.FUTURE)

#: Passes, up to which a chain is no longer than a tree is worth.
_FEW = 3


@dataclass(frozen=True)
class Folding:
    """One such loop.

    Parameters
    ----------
    cell
        Index of its cell.
    statement
        What rebinds the name.
    node
        The expression that puts two values together.
    loop
        The loop around it.
    name
        The name.
    part
        The value that a pass adds.
    what
        The function or operator, as it is written.
    known
        Whether the text tells that the order does not matter; else it is left to be seen.
    """

    cell: int
    statement: ast.Assign | ast.AugAssign
    node: ast.expr
    loop: ast.For | ast.AsyncFor
    name: str
    part: ast.expr
    what: str
    known: bool


@functools.lru_cache(maxsize=8)
def foldings(program: Program) -> tuple[Folding, ...]:
    """Return the loops that fold lazy values one by one, in the order of the text.

    Parameters
    ----------
    program
        The cells.
    """
    return tuple(
        found
        for cell, statement in _assignments(program)
        if (found := _folding(program, cell, statement)) is not None
    )


def _assignments(program: Program) -> Iterator[tuple[int, ast.Assign | ast.AugAssign]]:
    lazy = {
        call.cell
        for call in program.calls
        if call.result is not None and call.result.is_instance(*_LAZY)
    }
    for number_, cell in enumerate(program.cells):
        if number_ not in lazy:
            continue
        for node in ast.walk(cell.tree):
            if isinstance(node, (ast.Assign, ast.AugAssign)):
                yield number_, node


def _folding(program: Program, cell: int, statement: ast.Assign | ast.AugAssign) -> Folding | None:
    target = statement.target if isinstance(statement, ast.AugAssign) else statement.targets[0]
    loop = loop_around(program.cells[cell], statement)
    if not isinstance(target, ast.Name) or not isinstance(loop, (ast.For, ast.AsyncFor)):
        return None
    if isinstance(statement, ast.Assign) and len(statement.targets) > 1:
        return None
    found = _combined(program, statement, target.id)
    if found is None or _is_short(program, loop) or _is_needed(loop, statement, target.id):
        return None
    part, what, known = found
    if not names_in(part) & (names_in(loop.target) | stored_names(loop.body)):
        return None
    return Folding(cell, statement, statement.value, loop, target.id, part, what, known)


def _combined(
    program: Program, statement: ast.Assign | ast.AugAssign, name: str
) -> tuple[ast.expr, str, bool] | None:
    """Return what a pass adds to ``name``, by what, and whether the text tells enough."""
    value = statement.value
    if isinstance(statement, ast.AugAssign) or isinstance(value, ast.BinOp):
        operator = statement.op if isinstance(statement, ast.AugAssign) else value.op  # type: ignore[attr-defined]  # one of the two
        sides = [value] if isinstance(statement, ast.AugAssign) else [value.left, value.right]  # type: ignore[attr-defined]  # a BinOp
        others = [side for side in sides if not _is_name(side, name)]
        if len(others) != 1 or not isinstance(operator, _OPERATORS):
            return None
        return (others[0], "an operator", False) if _is_lazy(program, others[0]) else None
    call = program.by_node.get(value) if isinstance(value, ast.Call) else None
    if call is None or call.result is None or not call.result.is_instance(*_LAZY):
        return None
    if call.result.call is not call.node:
        return None
    given = call.node.args[1:] if call.name == "distributed.Client.submit" else call.node.args
    others = [node for node in given if not _is_name(node, name)]
    if len(given) != len("ab") or len(others) != 1 or isinstance(others[0], ast.Starred):
        return None
    function, what = _function(program, call)
    if function is None or not _is_associative(program, function):
        return None
    return others[0], what, True


def reductions(program: Program) -> Iterator[tuple[Call, str]]:
    """Yield the calls of ``reduce`` that put lazy values together one after the other.

    With each comes what they are put together by. The order is known not to matter.

    Parameters
    ----------
    program
        The cells.
    """
    for call in program.by_name.get("functools.reduce", ()):
        run, what = _put_by(program, call)
        if run is not None and _is_associative(program, run) and _are_many(call):
            yield call, what


def _put_by(program: Program, call: Call) -> tuple[Value | None, str]:
    """Return the function that ``reduce`` makes tasks of, and what it is called."""
    node = call.node.args[0] if call.node.args else None
    if isinstance(node, ast.Lambda):
        lazy = program.by_node.get(node.body) if isinstance(node.body, ast.Call) else None
        given = sorted(ast.unparse(part) for part in lazy.node.args) if lazy is not None else []
        if lazy is None or given != sorted(part.arg for part in node.args.args):
            return None, ""
        return _function(program, lazy)
    value = call.arguments[0] if call.arguments else None
    if node is None or value is None or not value.is_instance(api.DELAYED_FUNCTION):
        return None, ""
    if value.function is not None:
        return Value("function", value.function.name, function=value.function), ast.unparse(node)
    known = definition(program, node)
    made = known[1] if known is not None else node
    wrapped = program.by_node.get(made) if isinstance(made, ast.Call) else None
    first = wrapped.arguments[0] if wrapped is not None and wrapped.arguments else None
    return first, ast.unparse(node)


def _are_many(call: Call) -> bool:
    """Whether ``reduce`` goes over more than a few values, for all that is known."""
    over = call.arguments[1] if len(call.arguments) > 1 else None
    return over is None or over.parts is None or len(over.parts) > _FEW


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _is_lazy(program: Program, node: ast.expr) -> bool:
    """Whether an expression, or what its name stands for, is a Delayed."""
    known = definition(program, node)
    made = known[1] if known is not None else node
    call = program.by_node.get(made) if isinstance(made, ast.Call) else None
    result = call.result if call is not None else None
    return result is not None and result.is_instance(api.DELAYED_OBJECT)


def _function(program: Program, call: Call) -> tuple[Value | None, str]:
    """Return the function that a lazy call runs, and what it is called."""
    if call.name == "distributed.Client.submit":
        first = call.arguments[0] if call.arguments else None
        return first, ast.unparse(call.node.args[0]) if call.node.args else ""
    if call.callee is not None:
        return Value("function", call.callee.name, function=call.callee), call.callee.name
    known = definition(program, call.node.func)
    func = known[1] if known is not None else call.node.func
    wrapped = program.by_node.get(func) if isinstance(func, ast.Call) else None
    if wrapped is None or wrapped.name != api.DELAYED or not wrapped.node.args:
        return None, ""
    return wrapped.arguments[0], ast.unparse(wrapped.node.args[0])


def _is_associative(program: Program, value: Value) -> bool:
    if value.kind == "name":
        return value.name in _ASSOCIATIVE
    return value.function is not None and _returns_both(program, value.function)


def _returns_both(program: Program, function: Function) -> bool:
    """Whether a function of two values returns them put together, and nothing else."""
    given = function.node.args
    parameters = [p.arg for p in (*given.posonlyargs, *given.args)]
    body = program.body(function)
    if body is None or len(parameters) != len("ab") or given.vararg or given.kwonlyargs:
        return False
    if not isinstance(function.node, ast.Lambda) and stored_names(function.node.body) & {
        *parameters
    }:
        return False
    names = {call.node: call.name for call in body.calls}
    results = [node.value if isinstance(node, ast.Return) else node for node, _ in body.returns]
    return bool(results) and all(
        node is not None and _puts_together(node, parameters, names) for node in results
    )


def _puts_together(node: ast.expr, parameters: list[str], names: dict[ast.Call, str]) -> bool:
    if isinstance(node, ast.BinOp):
        both = [node.left, node.right] if isinstance(node.op, _OPERATORS) else []
    elif isinstance(node, ast.Call) and names.get(node) in _ASSOCIATIVE:
        first = node.args[0] if len(node.args) == 1 else None
        both = first.elts if isinstance(first, (ast.List, ast.Tuple)) else node.args
    elif isinstance(node, ast.Dict) and not any(node.keys):
        both = node.values
    else:
        return False
    found = [part.id for part in both if isinstance(part, ast.Name)]
    return len(found) == len(both) and sorted(found) == sorted(parameters)


def _is_short(program: Program, loop: ast.For | ast.AsyncFor) -> bool:
    """Whether it is written down that there are a few passes at most."""
    over = loop.iter
    if isinstance(over, (ast.List, ast.Tuple)):
        return len(over.elts) <= _FEW
    call = program.by_node.get(over) if isinstance(over, ast.Call) else None
    if call is None or call.name != "builtins.range" or len(call.node.args) != 1:
        return False
    passes = number(program, call.node.args[0])
    return passes is not None and passes <= _FEW


def _is_needed(loop: LoopNode, statement: ast.stmt, name: str) -> bool:
    """Whether a pass reads what was put together, other than to add to it, or begins it anew."""
    own = set(ast.walk(statement))
    uses = [
        node
        for node in ast.walk(loop)
        if isinstance(node, ast.Name) and node.id == name and node not in own
    ]
    inside = [n for n in ast.walk(statement) if isinstance(n, ast.Name) and n.id == name]
    return bool(uses) or len(inside) > len("=.") - isinstance(statement, ast.AugAssign)

"""A loop that collects what it computes, and whether the order of computing can be told."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from dask_lens.source import api
from dask_lens.source.free import free_names
from dask_lens.source.lineage import ancestors
from dask_lens.source.loops import Loop, names_in
from dask_lens.source.mutations import changed_names
from dask_lens.source.program import Program
from dask_lens.source.values import Function
from dask_lens.source.waits import Wait
from dask_lens.source.words import words

_PURE = words(
    "builtins.range builtins.len builtins.str builtins.int builtins.float builtins.zip "
    "builtins.enumerate builtins.sorted builtins.list builtins.tuple builtins.dict builtins.slice"
)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@dataclass(frozen=True)
class Collecting:
    """How a loop collects.

    Parameters
    ----------
    loop
        The loop.
    computing
        The expression that becomes lazy: the compute call, with the ``[0]`` of
        ``dask.compute(x)[0]``.
    name
        What holds the collected values.
    is_dict
        Whether that is a dict; a list otherwise.
    safety
        ``"same"`` or ``"ask"``.
    """

    loop: ast.For | ast.AsyncFor | ast.While
    computing: ast.expr
    name: str
    is_dict: bool
    safety: str


def collecting(program: Program, wait: Wait, loop: Loop) -> Collecting | str:
    """Return how a loop collects what ``wait`` computes, or why it cannot be changed.

    Parameters
    ----------
    program
        The cells.
    wait
        The wait in the loop.
    loop
        The loop around it.
    """
    if not isinstance(loop.node, (ast.For, ast.While)) or loop.node.orelse:
        return "only a plain loop can be changed"
    cell = program.cells[loop.cell]
    parents = list(cell.parents(wait.node))
    computing: ast.expr = wait.node
    if isinstance(parents[0], ast.Await) or is_first(parents[0], wait):
        computing = parents.pop(0)  # type: ignore[assignment]  # an expression
    elif wait.call is not None and wait.call.name == "dask.compute":
        return "dask.compute() gives a tuple here: collect its parts by hand"
    held = _held(parents, computing, loop)
    if held is None:
        return "the value is used in the same pass of the loop: it cannot wait until after it"
    name, is_dict, kept = held
    reason = _refuse(program, loop, name, (kept, computing), is_dict=is_dict)
    if reason is not None:
        return reason
    assigned = parents[0].targets[0] if isinstance(parents[0], ast.Assign) else None
    if isinstance(assigned, ast.Name) and _is_read_elsewhere(program, loop, assigned.id):
        return f"{assigned.id} of the last pass is used after the loop"
    safe = is_orderless(wait) and all(_is_plain(program, s, kept, wait) for s in loop.body)
    return Collecting(loop.node, computing, name, is_dict, "same" if safe else "ask")


def is_orderless(wait: Wait) -> bool:
    """Whether it is known what is computed, and no task of it changes what others may read."""
    values = [value for value in wait.values if value is not None]
    functions = {value.function for value in (*values, *ancestors(values))} - {None}
    return wait.known and not any(_changes_more(f) for f in functions if f is not None)


def _changes_more(function: Function) -> bool:
    """Whether a function changes what it did not make and was not given."""
    node = function.node
    body: list[ast.AST] = [ast.Expr(node.body)] if isinstance(node, ast.Lambda) else [*node.body]
    changed = {name for statement in body for name, _ in changed_names(statement)}
    declared = any(isinstance(n, (ast.Global, ast.Nonlocal)) for s in body for n in ast.walk(s))
    return declared or bool(changed & set(free_names(node)))


def is_first(parent: ast.AST, wait: Wait) -> bool:
    """Whether this is the ``[0]`` of ``dask.compute(x)[0]``."""
    return (
        isinstance(parent, ast.Subscript)
        and isinstance(parent.slice, ast.Constant)
        and parent.slice.value == 0
        and wait.call is not None
        and wait.call.name == "dask.compute"
        and len(wait.call.node.args) == 1
    )


def _held(
    parents: list[ast.AST], computing: ast.expr, loop: Loop
) -> tuple[str, bool, ast.stmt] | None:
    """Return what collects, whether it is a dict, and the statement that adds to it."""
    first, *rest = parents
    if isinstance(first, ast.Assign) and len(first.targets) == 1:
        return _held_by(first, first.targets[0], loop)
    if isinstance(first, ast.Call) and rest and isinstance(rest[0], ast.Expr):
        name = _appended_to(first)
        if name is not None and first.args == [computing]:
            return name, False, rest[0]
    return None


def _held_by(
    statement: ast.Assign, target: ast.expr, loop: Loop
) -> tuple[str, bool, ast.stmt] | None:
    if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
        return target.value.id, True, statement
    if not isinstance(target, ast.Name):
        return None
    # ``value = x.compute()`` and then ``values.append(value)``.
    reads = [n for n in _names(loop, target.id) if isinstance(n.ctx, ast.Load)]
    if len(reads) != 1:
        return None
    for kept in loop.body:
        call = kept.value if isinstance(kept, ast.Expr) else None
        name = _appended_to(call) if isinstance(call, ast.Call) else None
        if name is not None and isinstance(call, ast.Call) and call.args[0] is reads[0]:
            return name, False, kept
        if isinstance(kept, ast.Assign) and kept.value is reads[0]:
            held = kept.targets[0]
            if isinstance(held, ast.Subscript) and isinstance(held.value, ast.Name):
                return held.value.id, True, kept
    return None


def _names(loop: Loop, name: str) -> list[ast.Name]:
    return [n for n in loop.parts() if isinstance(n, ast.Name) and n.id == name]


def _appended_to(call: ast.Call) -> str | None:
    func = call.func
    appends = isinstance(func, ast.Attribute) and func.attr == "append" and len(call.args) == 1
    if appends and isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name):
        return func.value.id
    return None


def _refuse(
    program: Program, loop: Loop, name: str, known: tuple[ast.AST, ...], *, is_dict: bool
) -> str | None:
    if len(_names(loop, name)) != 1:
        return f"{name} is used for more in the loop than to collect"
    if not _begins_empty(program, loop, name, is_dict=is_dict):
        return f"{name} is not seen to begin as an empty {'dict' if is_dict else 'list'} above"
    for part in loop.parts():
        if part in known:
            continue
        if isinstance(part, (ast.Try, ast.Break, ast.Continue, ast.Return, ast.Await)):
            return "the loop can be left, or goes on after an error"
        if isinstance(part, _FUNCTIONS):
            return "a function made in the loop would see the names as they are after it"
        if isinstance(part, (ast.Assign, ast.AugAssign)) and _alters(part):
            return "the loop changes an object that the lazy ones may hold"
        if isinstance(part, ast.Expr) and _may_change(part.value, loop, known):
            return "the loop changes an object that the lazy ones may hold"
        if isinstance(part, ast.With):
            return "what the loop opens would be closed before the computing"
    return None


def _may_change(done: ast.expr, loop: Loop, known: tuple[ast.AST, ...]) -> bool:
    """Whether a statement calls a method of, or gives away, what the lazy ones are made from."""
    if not isinstance(done, ast.Call) or ast.unparse(done.func) == "print":
        return False
    owner = [done.func.value] if isinstance(done.func, ast.Attribute) else []
    touched = {part.id for part in (*owner, *done.args) if isinstance(part, ast.Name)}
    made = [*known, *(part.value for part in loop.parts() if isinstance(part, ast.Assign))]
    return bool((touched & set().union(*map(names_in, made))) - loop.targets)


def _alters(statement: ast.Assign | ast.AugAssign) -> bool:
    if isinstance(statement, ast.AugAssign):
        plain = isinstance(statement.target, ast.Name)
        return not (plain and isinstance(statement.value, ast.Constant))
    return any(isinstance(t, (ast.Subscript, ast.Attribute)) for t in statement.targets)


def _is_read_elsewhere(program: Program, loop: Loop, name: str) -> bool:
    inside = set(loop.parts())
    return any(
        isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)
        for cell in program.cells
        for node in ast.walk(cell.tree)
        if node not in inside
    )


def _begins_empty(program: Program, loop: Loop, name: str, *, is_dict: bool) -> bool:
    """Whether the statements before the loop give ``name`` something empty, and leave it so."""
    cell = program.cells[loop.cell]
    parent = next(cell.parents(loop.node))
    block = next(b for b in _blocks(parent) if loop.node in b)
    for statement in reversed(block[: block.index(loop.node)]):
        if not any(isinstance(n, ast.Name) and n.id == name for n in ast.walk(statement)):
            continue
        return (
            isinstance(statement, ast.Assign)
            and [ast.unparse(target) for target in statement.targets] == [name]
            and ast.unparse(statement.value) in (("{}", "dict()") if is_dict else ("[]", "list()"))
        )
    return False


def _blocks(node: ast.AST) -> Iterator[list[ast.AST]]:
    for value in vars(node).values():
        if isinstance(value, list):
            yield value


def _is_plain(program: Program, statement: ast.stmt, kept: ast.stmt, wait: Wait) -> bool:
    """Whether a statement only makes lazy objects, or is the one that keeps them."""
    if isinstance(statement, ast.If):
        return all(_is_plain(program, s, kept, wait) for s in (*statement.body, *statement.orelse))
    if statement is not kept and not isinstance(statement, (ast.Assign, ast.AugAssign, ast.Pass)):
        return False
    for node in ast.walk(statement):
        if not isinstance(node, ast.Call) or node is wait.node or _is_appending(node, kept):
            continue
        call = program.by_node.get(node)
        if call is not None and call.name in _PURE:
            continue
        made = call.result if call is not None else None
        if call is None or made is None or not made.is_instance(*_LAZY):
            return False
        if call.callee is not None and not made.is_instance(api.DELAYED_OBJECT):
            return False  # a function of the notebook may do more than its result shows
    return True


_LAZY = (*api.COLLECTIONS, *api.PARTS, api.DELAYED_FUNCTION, api.FUTURE)


def _is_appending(node: ast.Call, kept: ast.stmt) -> bool:
    return isinstance(kept, ast.Expr) and kept.value is node

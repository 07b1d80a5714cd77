"""Tasks that go through all of a list, item by item, where each item could be a task."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.loops import Loop, loop_of, names_in
from dask_lens.source.passes import carried
from dask_lens.source.program import Program
from dask_lens.source.sizes import number
from dask_lens.source.tasks import task_functions
from dask_lens.source.values import Function, contained

#: What makes one task of a function, on a cluster.
SUBMIT = "distributed.Client.submit"
_LAZY = (api.FUTURE, *api.COLLECTIONS)
_LEAVES = (ast.Break, ast.Return, ast.Yield, ast.YieldFrom, ast.Await, ast.Global, ast.Nonlocal)

#: Statements of a function that begins a list, goes through another one, and returns the first.
_STATEMENTS = 3

#: Items, up to which one task for all of them is as good.
_FEW = 3


@dataclass(frozen=True)
class ItemLoop:
    """One such task.

    Parameters
    ----------
    call
        The call that makes the task.
    function
        What it runs.
    given
        The list, as it is passed.
    item
        What the function calls an item; empty where that is no single name.
    adds_up
        Whether it returns a sum over the items.
    listed
        Whether it returns a list with something for each; else a dict, or nothing.
    """

    call: Call
    function: Function
    given: ast.expr
    item: str
    adds_up: bool
    listed: bool


@dataclass(frozen=True)
class _Body:
    """What a function does with each item of a list that it is given."""

    parameter: str
    target: ast.expr
    node: ast.For | ast.ListComp | ast.GeneratorExp
    value: ast.expr
    adds_up: bool
    kept: str = ""
    listed: bool = True


@functools.lru_cache(maxsize=8)
def item_loops(program: Program) -> tuple[ItemLoop, ...]:
    """Return the tasks that work on the items of a list one by one.

    Parameters
    ----------
    program
        The cells.
    """
    tasks = task_functions(program)
    found = (_item_loop(program, function, calls) for function, calls in tasks.items())
    return tuple(one for one in found if one is not None and one.call.inside not in tasks)


def _item_loop(program: Program, function: Function, calls: Sequence[Call]) -> ItemLoop | None:
    making = [call for call in calls if call.name != api.DELAYED]
    body = _body(function)
    if len(making) != 1 or body is None or not _is_independent(program, function, body):
        return None
    [call] = making
    is_task = call.name == SUBMIT or call.callee == function
    given = _given(call, function, body.parameter) if is_task else None
    if given is None or loop_of(program, call.cell, call.node, call.inside) is not None:
        return None
    if _only_makes_lazy(program, body) or _takes_lazy_function(call):
        return None
    if not body.listed and not body.kept and not _works_alone(program, function, body):
        return None
    if _is_lazy(call, given) or _is_short(program, given):
        return None
    item = body.target.id if isinstance(body.target, ast.Name) else ""
    return ItemLoop(call, function, given, item, body.adds_up, body.listed)


def _body(function: Function) -> _Body | None:
    """Return what a function does for each item, where it does nothing else."""
    node = function.node
    given = node.args
    parameters = {p.arg for p in (*given.posonlyargs, *given.args)}
    if isinstance(node, ast.Lambda):
        found = _expression(node.body)
    elif isinstance(node, ast.AsyncFunctionDef):
        return None
    else:
        found = _statements([s for s in node.body if not _is_text(s)])
    if found is None or found.parameter not in parameters:
        return None
    reads = [n for n in ast.walk(node) if isinstance(n, ast.Name) and n.id == found.parameter]
    works = any(isinstance(part, ast.Call) for part in _parts(found))
    return found if len(reads) == 1 and works else None


def _only_makes_lazy(program: Program, body: _Body) -> bool:
    """Whether a pass makes something lazy, which is no work."""
    calls = (program.by_node.get(part) for part in _parts(body) if isinstance(part, ast.Call))
    made = (call.result for call in calls if call is not None)
    return any(value is not None and value.is_instance(*_LAZY) for value in made)


def _works_alone(program: Program, function: Function, body: _Body) -> bool:
    """Whether a pass, done for its effect, calls a function of the notebook for its item alone.

    What others do for their effect may be quick; what is passed besides may be changed.
    """
    given = function.node.args
    others = {p.arg for p in ast.walk(given) if isinstance(p, ast.arg)} - {body.parameter}
    calls = (program.by_node.get(part) for part in _parts(body) if isinstance(part, ast.Call))
    own = any(call is not None and call.callee is not None for call in calls)
    return own and not names_in(body.node) & others


def _takes_lazy_function(call: Call) -> bool:
    """Whether the task is given a lazy function, whose calls were meant to be tasks themselves."""
    given = (*call.arguments, *call.keywords.values())
    return any(contained(value, api.DELAYED_FUNCTION) is not None for value in given)


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _expression(node: ast.expr | None) -> _Body | None:
    """Read ``[f(x) for x in xs]`` and ``sum(f(x) for x in xs)``."""
    adds_up = False
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "sum":
        node, adds_up = (node.args[0] if len(node.args) == 1 else None), True
    if not isinstance(node, (ast.ListComp, ast.GeneratorExp)) or len(node.generators) != 1:
        return None
    if isinstance(node, ast.GeneratorExp) and not adds_up:
        return None
    [over] = node.generators
    if over.is_async or not isinstance(over.iter, ast.Name):
        return None
    return _Body(over.iter.id, over.target, node, node.elt, adds_up)


def _statements(body: list[ast.stmt]) -> _Body | None:
    """Read a loop that fills a list or dict, or adds to a number, which is then returned."""
    if len(body) == 1 and isinstance(body[0], ast.Return):
        return _expression(body[0].value)
    if len(body) == 1 and isinstance(body[0], ast.For):
        return _for_effect(body[0])
    if len(body) != _STATEMENTS:
        return None
    first, loop, last = body
    if not isinstance(first, ast.Assign) or not isinstance(loop, ast.For) or loop.orelse:
        return None
    kept = first.targets[0]
    returned = last.value if isinstance(last, ast.Return) else None
    if not isinstance(kept, ast.Name) or not isinstance(returned, ast.Name):
        return None
    if kept.id != returned.id or not isinstance(loop.iter, ast.Name):
        return None
    ends = loop.body[-1]
    value, adds_up = _put_in(ast.unparse(first.value), ends, kept.id)
    uses = [n for n in ast.walk(loop) if isinstance(n, ast.Name) and n.id == kept.id]
    if value is None or len(uses) != 1:
        return None
    listed = not isinstance(ends, ast.Assign)
    return _Body(loop.iter.id, loop.target, loop, value, adds_up, kept.id, listed)


def _put_in(begun: str, ends: ast.stmt, kept: str) -> tuple[ast.expr | None, bool]:
    """Return what the end of a pass puts into what is returned, and whether it adds it."""
    if begun in ("{}", "dict()") and isinstance(ends, ast.Assign):
        into = ends.targets[0]
        fills = isinstance(into, ast.Subscript) and ast.unparse(into.value) == kept
        return (ends.value if fills else None), False
    if begun in ("0", "0.0") and isinstance(ends, ast.AugAssign):
        adds = isinstance(ends.op, ast.Add) and ast.unparse(ends.target) == kept
        return (ends.value if adds else None), True
    call = ends.value if isinstance(ends, ast.Expr) else None
    if begun in ("[]", "list()") and isinstance(call, ast.Call) and call.args:
        return (call.args[0] if ast.unparse(call.func) == f"{kept}.append" else None), False
    return None, False


def _for_effect(loop: ast.For) -> _Body | None:
    """Read a loop that gives nothing, and ends each pass with a call."""
    ends = loop.body[-1]
    if loop.orelse or not isinstance(loop.iter, ast.Name) or not isinstance(ends, ast.Expr):
        return None
    return _Body(loop.iter.id, loop.target, loop, ends.value, adds_up=False, listed=False)


def _parts(body: _Body) -> Iterator[ast.AST]:
    roots = body.node.body if isinstance(body.node, ast.For) else [body.node]
    for root in roots:
        for part in ast.walk(root):
            appends = isinstance(part, ast.Call) and body.kept and ast.unparse(part.func)
            if appends != f"{body.kept}.append":
                yield part


def _is_independent(program: Program, function: Function, body: _Body) -> bool:
    """Whether no pass can tell that there were others."""
    own = names_in(body.target)
    if isinstance(body.node, ast.For):
        own |= {n.id for s in body.node.body for n in ast.walk(s)
                if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}  # fmt: skip
        loop = Loop(body.node, function.cell, body.value)
        if carried(loop) - {body.kept}:
            return False
    for part in _parts(body):
        if isinstance(part, _LEAVES):
            return False
        if isinstance(part, ast.Call) and not _is_plain(program, part, own):
            return False
    return True


def _is_plain(program: Program, node: ast.Call, own: set[str]) -> bool:
    """Whether a call can change nothing but what the pass has made: no method of others."""
    func = node.func
    if not isinstance(func, ast.Attribute):
        return True
    root: ast.expr = func
    while isinstance(root, (ast.Attribute, ast.Subscript, ast.Call)):
        root = root.func if isinstance(root, ast.Call) else root.value
    if not isinstance(root, ast.Name) or root.id in own:
        return True
    known = program.scope.names.get(root.id)
    return known is not None and known.kind == "name"


def _given(call: Call, function: Function, parameter: str) -> ast.expr | None:
    args = call.node.args[1:] if call.name == SUBMIT else call.node.args
    if any(isinstance(argument, ast.Starred) for argument in args) or call.has_unpacked_keywords:
        return None
    arguments = function.node.args
    names = [p.arg for p in (*arguments.posonlyargs, *arguments.args)]
    position = names.index(parameter)
    return args[position] if position < len(args) else call.keyword(parameter)


def _is_lazy(call: Call, given: ast.expr) -> bool:
    """Whether the list, or something in it, is there only when tasks have run."""
    known = dict(zip(call.node.args, call.arguments, strict=False))
    known |= {k.value: call.keywords.get(k.arg) for k in call.node.keywords if k.arg}
    return contained(known.get(given), *_LAZY) is not None


def _is_short(program: Program, given: ast.expr) -> bool:
    """Whether the text tells that there are a few items at most."""
    if isinstance(given, (ast.List, ast.Tuple, ast.Set)):
        return len(given.elts) <= _FEW
    if isinstance(given, ast.Call) and ast.unparse(given.func) == "range" and given.args:
        end = number(program, given.args[0]) if len(given.args) == 1 else None
        return end is not None and end <= _FEW
    return False

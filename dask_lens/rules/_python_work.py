"""Functions that compute in loops of Python, as far as the text tells."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator, Mapping

from dask_lens.source.calls import Call
from dask_lens.source.loops import COMPREHENSIONS
from dask_lens.source.program import Program
from dask_lens.source.sizes import number
from dask_lens.source.tasks import task_functions
from dask_lens.source.values import Function
from dask_lens.source.words import words

_MODULES = words(
    "math cmath operator itertools functools collections string re json random fractions decimal "
    "statistics heapq bisect copy textwrap"
)
_OUTSIDE = words("open input print exec eval compile breakpoint __import__")
#: Methods of numbers, texts, lists, dicts and sets.
_METHODS = words(
    "add append capitalize clear copy count decode discard encode endswith extend find format get "
    "index insert isalpha isdigit items join keys lower lstrip partition pop popitem remove "
    "replace reverse rfind rpartition rsplit rstrip setdefault sort split splitlines startswith "
    "strip title translate union update upper values zfill"
)
_MOST_DEEP = 4


def is_python(program: Program, function: Function, depth: int = 0) -> bool:
    """Whether all that a function calls is known to compute in Python, holding the GIL.

    Parameters
    ----------
    program
        The cells.
    function
        The function.
    depth
        How deep it is looked at already.
    """
    body = program.body(function) if depth < _MOST_DEEP else None
    return body is not None and all(_is_python(program, call, depth) for call in body.calls)


def _is_python(program: Program, call: Call, depth: int) -> bool:
    if call.callee is not None:
        return is_python(program, call.callee, depth + 1)
    root, _, rest = call.name.partition(".")
    if root == "builtins":
        return rest not in _OUTSIDE
    if call.name:
        return root in _MODULES
    func = call.node.func
    if isinstance(func, ast.Name):
        return func.id in ("float", "int", "str", "len", "range", "sum", "min", "max", "abs")
    return isinstance(func, ast.Attribute) and func.attr in _METHODS


@functools.lru_cache(maxsize=8)
def _by_name(program: Program) -> Mapping[str, Function]:
    return {function.name: function for function in task_functions(program)}


def computes_in_python(program: Program, prefix: str) -> bool | None:
    """Whether the tasks of a key prefix compute in Python; None where the text does not tell.

    Parameters
    ----------
    program
        The cells.
    prefix
        The key prefix, which is the name of the function.
    """
    function = _by_name(program).get(prefix)
    if function is None:
        return None
    # Without a loop, operators may be those of arrays.
    loops = (ast.For, ast.While, *COMPREHENSIONS)
    has_loop = any(isinstance(node, loops) for node in ast.walk(function.node))
    return has_loop and is_python(program, function)


def passes(program: Program, function: Function, made: Call | None) -> float:
    """Return how many passes the loops of a function make at least, as far as it is written.

    Parameters
    ----------
    program
        The cells.
    function
        The function.
    made
        The call that says what it is called with; None where that is not known.
    """
    given = _given(function, made)
    node = function.node
    statements = [node.body] if isinstance(node, ast.Lambda) else node.body
    return max((_of(program, statement, given) for statement in statements), default=0.0)


def _given(function: Function, made: Call | None) -> dict[str, ast.expr]:
    """Return the expressions that are given for parameters."""
    if made is None or any(isinstance(a, ast.Starred) for a in made.node.args):
        return {}
    parameters = [*function.node.args.posonlyargs, *function.node.args.args]
    found = {p.arg: a for p, a in zip(parameters, made.node.args, strict=False)}
    return found | {k.arg: k.value for k in made.node.keywords if k.arg is not None}


def _of(program: Program, node: ast.AST, given: Mapping[str, ast.expr]) -> float:
    inner = max((_of(program, child, given) for child in _inside(node)), default=0.0)
    return max(_length(program, node, given) * max(inner, 1.0), inner)


def _inside(node: ast.AST) -> Iterator[ast.AST]:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
    return (child for child in ast.iter_child_nodes(node) if not isinstance(child, functions))


def _length(program: Program, node: ast.AST, given: Mapping[str, ast.expr]) -> float:
    """Return how many passes a loop makes; 0 where that is not written, or it is no loop."""
    if isinstance(node, ast.For):
        return _range(program, node.iter, given)
    if isinstance(node, COMPREHENSIONS):
        lengths = [_range(program, part.iter, given) for part in node.generators]
        return functools.reduce(lambda one, other: one * other, lengths)
    return _counted(program, node, given) if isinstance(node, ast.While) else 0.0


def _range(program: Program, node: ast.expr, given: Mapping[str, ast.expr]) -> float:
    call = node if isinstance(node, ast.Call) and ast.unparse(node.func) == "range" else None
    if call is None or not call.args:
        return 0.0
    ends = [_number(program, argument, given) for argument in call.args]
    if None in ends:
        return 0.0
    start, stop, step = [*ends, 1.0][:3] if len(ends) > 1 else (0.0, ends[0], 1.0)
    return max((stop - start) / step, 0.0) if step else 0.0  # type: ignore[operator]  # no None left


def _number(program: Program, node: ast.expr, given: Mapping[str, ast.expr]) -> float | None:
    if isinstance(node, ast.Name) and node.id in given:
        node = given[node.id]
    return number(program, node)


def _counted(program: Program, node: ast.While, given: Mapping[str, ast.expr]) -> float:
    """Return the passes of ``while n > 0: n -= 1`` and of ``while i < n: i += 1``."""
    steps = {
        ast.unparse(part.target)
        for part in ast.walk(node)
        if isinstance(part, ast.AugAssign)
        and isinstance(part.value, ast.Constant)
        and part.value.value == 1
    }
    sides = [node.test]
    if isinstance(node.test, ast.Compare):
        sides = [node.test.left, *node.test.comparators]
    if not any(ast.unparse(side) in steps for side in sides):
        return 0.0
    known = [_number(program, side, given) for side in sides]
    return max((one for one in known if one is not None), default=0.0)

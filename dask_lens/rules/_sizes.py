"""How large data is, as far as the text says: numbers written down, and what is made of them."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable

from dask_lens.source.program import Program
from dask_lens.source.words import words

_MOST_NESTED = 6
_OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
}
#: Functions of NumPy whose first argument is the shape.
_SHAPED = words(
    "ones zeros empty full random.random random.random_sample random.uniform random.normal "
    "random.standard_normal random.Generator.random random.Generator.standard_normal"
)
_DRAWN = frozenset({"uniform", "normal", "integers", "randint", "choice", "poisson"})
_MOST_POWER = 12


def assigned(program: Program, node: ast.expr) -> ast.expr:
    """Return what a name stands for, where it is given a value once in all cells."""
    for _ in range(_MOST_NESTED):
        if not isinstance(node, ast.Name):
            return node
        found = [
            statement.value
            for cell in program.cells
            for statement in ast.walk(cell.tree)
            if isinstance(statement, ast.Assign)
            and any(isinstance(t, ast.Name) and t.id == node.id for t in statement.targets)
        ]
        if len(found) != 1:
            return node
        node = found[0]
    return node


def number(program: Program, node: ast.expr | None, depth: int = 0) -> float | None:
    """Return the number that an expression of literals and their names gives."""
    if node is None or depth > _MOST_NESTED:
        return None
    node = assigned(program, node)
    if isinstance(node, ast.Constant):
        plain = isinstance(node.value, (int, float)) and not isinstance(node.value, bool)
        return node.value if plain else None  # type: ignore[return-value]  # just looked at
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = number(program, node.operand, depth + 1)
        return None if inner is None else -inner
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "int" and len(node.args) == 1:
        return number(program, node.args[0], depth + 1)
    if not isinstance(node, ast.BinOp):
        return None
    left, right = (number(program, side, depth + 1) for side in (node.left, node.right))
    if left is None or right is None:
        return None
    if isinstance(node.op, ast.Pow):
        return left**right if 0 <= right <= _MOST_POWER else None
    work = _OPERATORS.get(type(node.op))
    return None if work is None else work(left, right)


def shape(program: Program, node: ast.expr | None) -> tuple[float, ...] | None:
    """Return the shape that is written down; one number is a shape of one dimension."""
    if node is None:
        return None
    node = assigned(program, node)
    parts = node.elts if isinstance(node, (ast.Tuple, ast.List)) else [node]
    numbers = [number(program, part) for part in parts]
    return None if None in numbers else tuple(numbers)  # type: ignore[arg-type]  # no None left


def size(program: Program, node: ast.expr, depth: int = 0) -> float | None:
    """Return how many elements data in memory has; None where the text does not say.

    Parameters
    ----------
    program
        The cells.
    node
        The expression that makes the data, or its name.
    depth
        How deep it is looked at already.
    """
    node = assigned(program, node)
    if depth > _MOST_NESTED:
        return None
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        known = [size(program, element, depth + 1) for element in node.elts]
        return sum(1 if part is None else part for part in known)
    if isinstance(node, ast.Dict):
        columns = [size(program, value, depth + 1) for value in node.values]
        return None if None in columns else math.fsum(c or 0 for c in columns)
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
        return number(program, node.slice.upper) if node.slice.lower is None else None
    return _made(program, node, depth) if isinstance(node, ast.Call) else None


def _made(program: Program, node: ast.Call, depth: int) -> float | None:
    call = program.by_node.get(node)
    name = call.name if call is not None else ""
    root, _, rest = name.partition(".")
    first = node.args[0] if node.args else None
    if name == "builtins.range" or rest == "arange":
        ends = [number(program, argument) for argument in node.args[:2]]
        return None if not ends or None in ends else ends[-1]
    if root == "numpy" and rest in _SHAPED | {f"random.{d}" for d in _DRAWN}:
        given = next((k.value for k in node.keywords if k.arg in ("size", "shape")), None)
        given = given or (first if rest in _SHAPED and rest.split(".")[-1] not in _DRAWN else None)
        found = shape(program, given)
        return None if found is None else math.prod(found)
    if root == "numpy" and rest in ("random.rand", "random.randn"):
        found = shape(program, ast.Tuple(node.args, ast.Load()))
        return None if found is None else math.prod(found)
    if name in ("numpy.array", "numpy.asarray", "pandas.DataFrame", "pandas.Series"):
        given = first or next((k.value for k in node.keywords if k.arg == "data"), None)
        return 0 if given is None else size(program, given, depth + 1)
    if root == "pandas" and rest in ("date_range", "timedelta_range"):
        return number(program, next((k.value for k in node.keywords if k.arg == "periods"), None))
    if name.startswith("sklearn.datasets.load_"):
        return 0
    method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    return 0 if method in ("head", "tail") else None

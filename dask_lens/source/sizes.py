"""How long lists are and how large arrays are, where the text says so."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable

from dask_lens.source.definitions import definition
from dask_lens.source.program import Program
from dask_lens.source.words import words

_MOST_DEPTH = 8
#: Numbers beyond this are of no use.
_MOST = 10**15
#: Bytes of one number of NumPy's, unless told otherwise.
_ITEM = 8

_OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.FloorDiv: lambda a, b: a // b,
    ast.Pow: pow,
}
#: Where NumPy's makers take the shape: by position, or as the keyword.
_SHAPES = {
    **dict.fromkeys(words("zeros ones empty full"), (0, "shape")),
    **dict.fromkeys(words("random random_sample sample standard_normal"), (0, "size")),
    **dict.fromkeys(words("normal uniform randint integers lognormal laplace"), (2, "size")),
    **dict.fromkeys(words("poisson exponential"), (1, "size")),
    **dict.fromkeys(words("binomial gamma beta"), (2, "size")),
}
_KEEPS = words("astype reshape copy transpose ravel flatten round clip")
_HOLDS = words("pandas.DataFrame pandas.Series numpy.array numpy.asarray numpy.sort numpy.abs")
_PLAIN_CALLS = words("builtins.range builtins.str builtins.int builtins.float random.random")


def number(program: Program, node: ast.expr | None, depth: int = 0) -> int | None:
    """Return the number that an expression is; None where the text does not tell.

    Parameters
    ----------
    program
        The cells.
    node
        The expression.
    depth
        Names and operators that it stands behind.
    """
    if node is None or depth > _MOST_DEPTH:
        return None
    if isinstance(node, ast.Constant):
        value = node.value
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            return None
        return int(value) if abs(value) < _MOST else None
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        left = number(program, node.left, depth + 1)
        right = number(program, node.right, depth + 1)
        if left is None or right is None or (isinstance(node.op, ast.Pow) and right > _ITEM * 2):
            return None
        try:
            made = _OPERATORS[type(node.op)](left, right)
        except (ArithmeticError, ValueError):
            return None
        return int(made) if abs(made) < _MOST else None
    if (
        isinstance(node, ast.Call)
        and len(node.args) == 1
        and _name(program, node)
        in (
            "builtins.int",
            "builtins.round",
        )
    ):
        return number(program, node.args[0], depth + 1)
    known = definition(program, node)
    return number(program, known[1], depth + 1) if known is not None else None


def length(program: Program, node: ast.expr, depth: int = 0) -> int | None:
    """Return the length of a list of plain data; None where the text does not tell.

    Parameters
    ----------
    program
        The cells.
    node
        The expression.
    depth
        Names that it stands behind.
    """
    if depth > _MOST_DEPTH:
        return None
    if isinstance(node, ast.List):
        plain = all(isinstance(item, ast.Constant) for item in node.elts)
        return len(node.elts) if plain else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        for one, other in ((node.left, node.right), (node.right, node.left)):
            if isinstance(one, ast.List):
                times = number(program, other)
                held = length(program, one, depth + 1)
                return held * times if held is not None and times is not None else None
        return None
    if isinstance(node, ast.ListComp):
        [first, *more] = node.generators
        plain = not more and not first.ifs and _is_plain(program, node.elt)
        return _range(program, first.iter) if plain else None
    if isinstance(node, ast.Call) and len(node.args) == 1:
        made = _name(program, node)
        return (
            _range(program, node.args[0]) if made in ("builtins.list", "builtins.tuple") else None
        )
    known = definition(program, node)
    return length(program, known[1], depth + 1) if known is not None else None


def nbytes(program: Program, node: ast.expr, depth: int = 0) -> int | None:
    """Return the bytes of an array of NumPy's, or of what holds some; None where not told.

    Parameters
    ----------
    program
        The cells.
    node
        The expression.
    depth
        Names and calls that it stands behind.
    """
    if depth > _MOST_DEPTH:
        return None
    if isinstance(node, ast.BinOp):
        sides = [nbytes(program, side, depth + 1) for side in (node.left, node.right)]
        return max((side for side in sides if side is not None), default=None)
    if isinstance(node, ast.Call):
        return _made(program, node, depth)
    known = definition(program, node)
    return nbytes(program, known[1], depth + 1) if known is not None else None


def _made(program: Program, node: ast.Call, depth: int) -> int | None:
    name = _name(program, node)
    last = node.func.attr if isinstance(node.func, ast.Attribute) else name.rpartition(".")[2]
    if isinstance(node.func, ast.Attribute) and last in _KEEPS and node.func.value is not None:
        kept = nbytes(program, node.func.value, depth + 1)
        if kept is not None:
            return kept
    if name in _HOLDS and node.args:
        held = node.args[0]
        parts = held.values if isinstance(held, ast.Dict) else [held]
        sizes = [nbytes(program, part, depth + 1) for part in parts]
        return sum(size for size in sizes if size is not None) or None
    if not name.startswith("numpy."):
        return None
    if last in ("rand", "randn"):
        return _product(program, node.args)
    if last == "arange" and len(node.args) == 1:
        return _product(program, node.args)
    if last not in _SHAPES:
        return None
    position, keyword = _SHAPES[last]
    shape = next((k.value for k in node.keywords if k.arg == keyword), None)
    if shape is None and position < len(node.args):
        shape = node.args[position]
    if shape is None:
        return None
    return _product(program, shape.elts if isinstance(shape, (ast.Tuple, ast.List)) else [shape])


def _product(program: Program, sides: list[ast.expr]) -> int | None:
    found = [number(program, side) for side in sides]
    known = [side for side in found if side is not None]
    return _ITEM * math.prod(known) if known and len(known) == len(found) else None


def _range(program: Program, node: ast.expr) -> int | None:
    if not isinstance(node, ast.Call) or _name(program, node) != "builtins.range":
        return None
    found = [number(program, argument) for argument in node.args]
    known = [one for one in found if one is not None]
    if not 1 <= len(known) <= len(found) <= 3 or len(known) < len(found) or known[2:] == [0]:  # noqa: PLR2004 - what range takes
        return None
    return len(range(*known))


def _is_plain(program: Program, node: ast.expr) -> bool:
    """Whether an expression gives plain data: what it calls is known to."""
    for part in ast.walk(node):
        if isinstance(part, (ast.Attribute, ast.Subscript, ast.Await, ast.Lambda)):
            return False
        if isinstance(part, ast.Call) and _name(program, part) not in _PLAIN_CALLS:
            return False
    return True


def _name(program: Program, node: ast.Call) -> str:
    call = program.by_node.get(node)
    return call.name if call is not None else ""

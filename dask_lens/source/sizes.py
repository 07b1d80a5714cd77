"""How long lists are and how large data is, where the text says so."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Iterable, Sequence

from dask_lens.source.calls import Call
from dask_lens.source.definitions import definition
from dask_lens.source.program import Program
from dask_lens.source.words import words

_MOST_DEPTH = 8
#: Numbers beyond this are of no use.
_MOST = 10**15
_MOST_POWER = 16
#: Bytes of one number of NumPy's, unless told otherwise.
ITEM = 8

_OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.FloorDiv: lambda a, b: a // b,
    ast.Pow: pow,
}
#: Where NumPy's makers take the shape: by position, or as the keyword.
SHAPES = {
    **dict.fromkeys(words("zeros ones empty full"), (0, "shape")),
    **dict.fromkeys(words("random random_sample sample standard_normal"), (0, "size")),
    **dict.fromkeys(words("normal uniform randint integers lognormal laplace"), (2, "size")),
    **dict.fromkeys(words("poisson exponential"), (1, "size")),
    **dict.fromkeys(words("binomial gamma beta choice"), (2, "size")),
}
_KEEPS = words("astype reshape copy transpose ravel flatten round clip")
_HOLDS = words(
    "pandas.DataFrame pandas.DataFrame.from_dict pandas.DataFrame.from_records pandas.Series "
    "numpy.array numpy.asarray numpy.sort numpy.abs"
)
_PLAIN_CALLS = words("builtins.range builtins.str builtins.int builtins.float random.random")
_ROUNDS = words("builtins.int builtins.round")
_DATES = words("pandas.date_range pandas.timedelta_range")
_BITS = re.compile(r"(?:int|float|complex|datetime)(\d+)")
_BYTES = re.compile(r"[<>=|]?[biufcMm](\d+)")


def stands_for(program: Program, node: ast.expr) -> ast.expr:
    """Return the expression that a name stands for, through other names; else the node."""
    for _ in range(_MOST_DEPTH):
        known = definition(program, node)
        if known is None:
            return node
        node = known[1]
    return node


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
    found = _number(program, node, depth)
    return None if found is None else int(found)


def _number(program: Program, node: ast.expr | None, depth: int) -> float | None:
    if node is None or depth > _MOST_DEPTH:
        return None
    node = stands_for(program, node)
    if isinstance(node, ast.Constant):
        value = node.value
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            return None
        return value if abs(value) < _MOST else None
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _number(program, node.operand, depth + 1)
        return None if inner is None else -inner
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        left = _number(program, node.left, depth + 1)
        right = _number(program, node.right, depth + 1)
        if left is None or right is None:
            return None
        if isinstance(node.op, ast.Pow) and right > _MOST_POWER:
            return None
        try:
            made = _OPERATORS[type(node.op)](left, right)
        except (ArithmeticError, ValueError):
            return None
        return made if not isinstance(made, complex) and abs(made) < _MOST else None
    if isinstance(node, ast.Call) and len(node.args) == 1 and _name(program, node) in _ROUNDS:
        return _number(program, node.args[0], depth + 1)
    return None


def shape(program: Program, node: ast.expr | None) -> tuple[int, ...] | None:
    """Return the shape that is written down; one number is a shape of one dimension."""
    if node is None:
        return None
    node = stands_for(program, node)
    parts = node.elts if isinstance(node, (ast.Tuple, ast.List)) else [node]
    return _known(number(program, part) for part in parts)


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
    node = stands_for(program, node)
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
    if isinstance(node, (ast.ListComp, ast.DictComp)):
        [first, *more] = node.generators
        item = node.elt if isinstance(node, ast.ListComp) else node.value
        plain = not more and not first.ifs and _is_plain(program, item)
        if isinstance(node, ast.DictComp):  # of other keys, some may be equal
            plain = plain and ast.unparse(node.key) == ast.unparse(first.target)
        return _range(program, first.iter) if plain else None
    if isinstance(node, ast.Call) and len(node.args) == 1:
        made = _name(program, node)
        listed = made in ("builtins.list", "builtins.tuple")
        return _range(program, node.args[0]) if listed else None
    return None


def nbytes(program: Program, node: ast.expr, depth: int = 0) -> int | None:
    """Return the bytes of an array of NumPy's, or of what holds some; None where not told.

    What holds several is at least as large as those of its parts that are known.

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
    node = stands_for(program, node)
    if isinstance(node, ast.BinOp):
        sides = [nbytes(program, side, depth + 1) for side in (node.left, node.right)]
        return max((side for side in sides if side is not None), default=None)
    if not isinstance(node, ast.Call):
        return None
    name = _name(program, node)
    kept = _kept(node, name)
    if kept is not None:
        return nbytes(program, kept, depth + 1)
    if name in _HOLDS and node.args:
        held = node.args[0]
        parts = held.values if isinstance(held, ast.Dict) else [held]
        sizes = [nbytes(program, part, depth + 1) for part in parts]
        return sum(size for size in sizes if size is not None) or None
    made = _shape_made(program, node, name)
    return None if made is None else itemsize(program, _dtype(node)) * math.prod(made)


def elements(program: Program, node: ast.expr, depth: int = 0) -> int | None:
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
    if depth > _MOST_DEPTH:
        return None
    node = stands_for(program, node)
    if isinstance(node, ast.Constant):
        return 1
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        known = [elements(program, element, depth + 1) for element in node.elts]
        return sum(1 if part is None else part for part in known)
    if isinstance(node, ast.Dict):
        columns = _known(elements(program, value, depth + 1) for value in node.values)
        return None if columns is None else sum(columns)
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
        return number(program, node.slice.upper) if node.slice.lower is None else None
    return _elements_made(program, node, depth) if isinstance(node, ast.Call) else None


def _elements_made(program: Program, node: ast.Call, depth: int) -> int | None:
    name = _name(program, node)
    kept = _kept(node, name)
    if kept is not None:
        return elements(program, kept, depth + 1)
    if name == "builtins.range":
        return _range(program, node)
    if name in _HOLDS:
        given = [*node.args[:1], *(k.value for k in node.keywords if k.arg == "data")]
        first = given[0] if given else None
        if isinstance(first, ast.Call) and _name(program, first) == "builtins.dict":
            given = [ast.Tuple([k.value for k in first.keywords], ast.Load())]
        return elements(program, given[0], depth + 1) if given else 0
    if name in _DATES:
        return number(program, next((k.value for k in node.keywords if k.arg == "periods"), None))
    if name.startswith("sklearn.datasets.load_"):
        return 0
    method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    if method in ("head", "tail"):
        return 0
    if method == "assign" and isinstance(node.func, ast.Attribute):
        columns = [node.func.value, *(k.value for k in node.keywords)]
        return elements(program, ast.Tuple(columns, ast.Load()), depth + 1)
    made = _shape_made(program, node, name)
    return None if made is None else math.prod(made)


def itemsize(program: Program, dtype: ast.expr | None) -> int:
    """Return the bytes of one element: of what a ``dtype`` says, or as many as a float's."""
    if dtype is None:
        return ITEM
    dtype = stands_for(program, dtype)
    written = dtype.value if isinstance(dtype, ast.Constant) else ast.unparse(dtype)
    last = str(written).rpartition(".")[2]
    if last in ("bool", "bool_", "byte"):
        return 1
    bits = _BITS.search(last)
    if bits is not None:
        return max(int(bits[1]) // 8, 1)
    of_bytes = _BYTES.fullmatch(last)
    return int(of_bytes[1]) if of_bytes is not None else ITEM


def shape_given(call: ast.Call, last: str) -> ast.expr | None:
    """Return the expression for the shape of what a maker of arrays gives.

    Parameters
    ----------
    call
        The call.
    last
        Last name of the function, such as ``"zeros"``.
    """
    if last not in SHAPES:
        return None
    position, keyword = SHAPES[last]
    if any(isinstance(argument, ast.Starred) for argument in call.args):
        return None
    given = next((k.value for k in call.keywords if k.arg == keyword), None)
    return call.args[position] if given is None and position < len(call.args) else given


def made_shape(program: Program, node: ast.Call, last: str) -> tuple[int, ...] | None:
    """Return the shape of what a maker of arrays gives, NumPy's or Dask's of the same name.

    Parameters
    ----------
    program
        The cells.
    node
        The call.
    last
        Last name of the function.
    """
    if last in ("rand", "randn"):
        return _known(number(program, side) for side in node.args) or None
    if last == "arange":
        ends = _known(number(program, argument) for argument in node.args)
        return (len(range(*ends)),) if ends and len(ends) <= 3 and ends[2:] != (0,) else None  # noqa: PLR2004 - what range takes
    return shape(program, shape_given(node, last))


def array_shape(program: Program, node: ast.expr) -> tuple[tuple[int, ...], int] | None:
    """Return the shape of an array of NumPy's, and the bytes of an element.

    Parameters
    ----------
    program
        The cells.
    node
        The expression that makes it, or its name.
    """
    node = stands_for(program, node)
    if not isinstance(node, ast.Call):
        return None
    made = _shape_made(program, node, _name(program, node))
    return None if made is None else (made, itemsize(program, _dtype(node)))


def _shape_made(program: Program, node: ast.Call, name: str) -> tuple[int, ...] | None:
    numpy = name.startswith("numpy.")
    return made_shape(program, node, name.rpartition(".")[2]) if numpy else None


def _dtype(node: ast.Call) -> ast.expr | None:
    return next((k.value for k in node.keywords if k.arg == "dtype"), None)


def _kept(node: ast.Call, name: str) -> ast.expr | None:
    """Return what a method, or its twin in NumPy, gives back with as many elements."""
    if not isinstance(node.func, ast.Attribute) or node.func.attr not in _KEEPS:
        return None
    if not name.startswith("numpy."):
        return node.func.value
    return node.args[0] if node.args else None


def _known(found: Iterable[int | None]) -> tuple[int, ...] | None:
    numbers: Sequence[int | None] = tuple(found)
    known = tuple(one for one in numbers if one is not None)
    return known if len(known) == len(numbers) else None


def _range(program: Program, node: ast.expr) -> int | None:
    if not isinstance(node, ast.Call) or _name(program, node) != "builtins.range":
        return None
    known = _known(number(program, argument) for argument in node.args)
    if known is None or not 1 <= len(known) <= 3 or known[2:] == (0,):  # noqa: PLR2004 - what range takes
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
    call: Call | None = program.by_node.get(node)
    return call.name if call is not None else ""

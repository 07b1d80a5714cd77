"""Where the text says how large chunks and partitions are, and how large that makes them."""

from __future__ import annotations

import ast
import functools
import math
import re
from dataclasses import dataclass

from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.program import Program
from dask_lens.source.sizes import ITEM, SHAPES, array_shape, itemsize, made_shape, number, shape
from dask_lens.source.values import Value
from dask_lens.source.words import words

_MOST_BEHIND = 6
#: Methods of arrays after which shape and type of the elements are the same, as a rule.
_KEEPS = words("rechunk persist clip round map_blocks map_overlap copy")
_TEXT = re.compile(r"^\s*([\d.]+)\s*([kmgt]?)(i?)b?\s*$", re.IGNORECASE)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
#: Where the size of pieces is said of dataframes and bags: by keyword and position.
_OF_FRAMES = {
    "dask.dataframe.from_pandas": (("npartitions", 1),),
    "dask.dataframe.read_csv": (("blocksize", 1),),
    "dask.dataframe.read_table": (("blocksize", 1),),
    "dask.dataframe.read_json": (("blocksize", 4),),
    "dask.dataframe.read_parquet": (("blocksize", 9),),
    "dask.bag.read_text": (("blocksize", 1),),
    "dask.dataframe.DataFrame.repartition": (("npartitions", 1), ("partition_size", 2)),
    "dask.dataframe.Series.repartition": (("npartitions", 1), ("partition_size", 2)),
}
#: Where what makes and cuts arrays is from.
_FAMILY = (
    *("dask.array.", "xarray.", "rioxarray.", "odc.", "stackstac.", "dask_image."),
    "dask_ml.datasets.make_",
)


@dataclass(frozen=True)
class Layout:
    """How an array is cut.

    Parameters
    ----------
    shape, chunks
        Elements along each dimension: of all of it, and of the largest chunk.
    item
        Bytes of an element.
    """

    shape: tuple[int, ...]
    chunks: tuple[int, ...]
    item: int

    @property
    def count(self) -> int:
        """Chunks."""
        return math.prod(-(-n // max(c, 1)) for n, c in zip(self.shape, self.chunks, strict=True))

    @property
    def largest(self) -> int:
        """Bytes of the largest chunk."""
        return self.item * math.prod(self.chunks)

    @property
    def nbytes(self) -> int:
        """Bytes of all of it."""
        return self.item * math.prod(self.shape)


@dataclass(frozen=True, eq=False)
class Cut:
    """A call that says how large the pieces of a collection are.

    Parameters
    ----------
    call
        The call.
    keyword
        ``"chunks"``, ``"npartitions"``, ``"partition_size"`` or ``"blocksize"``.
    given
        What it says.
    layout
        What follows from that for an array; None where the text does not tell.
    count
        Partitions, where their number is what it says.
    nbytes
        Bytes of a partition, where these are what it says.
    """

    call: Call
    keyword: str
    given: ast.expr
    layout: Layout | None = None
    count: int | None = None
    nbytes: int | None = None


@functools.lru_cache(maxsize=8)
def cuts(program: Program) -> tuple[Cut, ...]:
    """Return the calls that say how large pieces are, in the order of the text.

    Parameters
    ----------
    program
        The cells.
    """
    calls = [
        call
        for name, called in program.by_name.items()
        if name in _OF_FRAMES or name.startswith(_FAMILY)
        for call in called
    ]
    found = [cut for call in calls if (cut := _cut(program, call)) is not None]
    return tuple(sorted(found, key=lambda cut: (cut.call.cell, cut.call.node.lineno)))


def layout_of(program: Program, value: Value | None, depth: int = 0) -> Layout | None:
    """Return how an array is cut, as far as the text says how it was made.

    Parameters
    ----------
    program
        The cells.
    value
        The array.
    depth
        How many methods are looked behind already.
    """
    if value is None or depth > _MOST_BEHIND:
        return None
    if value.call is None:  # an operator made it, as large as the larger side
        sides = [layout_of(program, part, depth + 1) for part in value.parts or ()]
        return max((s for s in sides if s is not None), key=lambda s: s.nbytes, default=None)
    call = program.by_node.get(value.call)
    cut = _cut(program, call, depth) if call is not None else None
    if cut is not None or call is None:
        return cut.layout if cut is not None else None
    owner, _, last = call.name.rpartition(".")
    kept = owner == api.ARRAY and last in _KEEPS
    return layout_of(program, call.receiver, depth + 1) if kept else None


def _cut(program: Program, call: Call, depth: int = 0) -> Cut | None:
    for keyword, position in _OF_FRAMES.get(call.name, ()):
        given = _argument(call, position, keyword)
        if given is not None and keyword == "npartitions":
            return Cut(call, keyword, given, count=number(program, given))
        if given is not None:
            return Cut(call, keyword, given, nbytes=text_bytes(program, given))
    owner, _, last = call.name.rpartition(".")
    if call.name == f"{api.ARRAY}.rechunk":
        given = _argument(call, 0, "chunks")
        old = _before(program, call.receiver, given, depth + 1)
    elif call.name in ("dask.array.from_array", "dask.array.asarray") and call.node.args:
        given = _argument(call, 1, "chunks")
        sizes = array_shape(program, call.node.args[0])
        old = None if sizes is None else (*sizes, sizes[0])
    elif owner.startswith("dask.array") and (last in SHAPES or last == "arange"):
        given = call.keyword("chunks")
        sides = made_shape(program, call.node, last)
        old = None if sides is None else (sides, itemsize(program, call.keyword("dtype")), sides)
    elif owner == "dask_ml.datasets":
        given, old = _samples(program, call)
    elif owner in (*api.XARRAY, api.LOADED) and last == "chunk":
        given, old = _argument(call, 0, "chunks"), None
    else:
        given, old = call.keyword("chunks") if _opens(call) else None, None
    if given is None:
        return None
    chunks = None if old is None else _chunks(program, given, old[0], old[2])
    layout = None if old is None or chunks is None else Layout(old[0], chunks, old[1])
    return Cut(call, "chunks", given, layout)


def _samples(
    program: Program, call: Call
) -> tuple[ast.expr | None, tuple[tuple[int, ...], int, tuple[int, ...]] | None]:
    """Return how the samples that Dask-ML makes up are cut, and how many there are."""
    given, asked = call.keyword("chunks"), [call.keyword("n_samples"), call.keyword("n_features")]
    made = [node for node in asked if node is not None]
    sides = shape(program, ast.Tuple(made, ast.Load())) if len(made) == len(asked) else None
    if given is not None and not isinstance(given, (ast.Tuple, ast.List)):
        given = ast.copy_location(ast.Tuple([given, ast.Constant(None)], ast.Load()), given)
    return given, None if sides is None else (sides, ITEM, sides)


def _before(
    program: Program, value: Value | None, given: ast.expr | None, depth: int
) -> tuple[tuple[int, ...], int, tuple[int, ...]] | None:
    """Return shape, bytes of an element, and chunks of an array that is cut anew."""
    layout = layout_of(program, value, depth)
    if layout is not None:
        return layout.shape, layout.item, layout.chunks
    if shape(program, given) is None:
        return None  # what it was cut into before is kept, in part
    call = program.by_node.get(value.call) if value is not None and value.call else None
    owner, _, last = call.name.rpartition(".") if call is not None else ("", "", "")
    if call is None or not owner.startswith("dask.array") or last not in SHAPES:
        return None
    sides = made_shape(program, call.node, last)
    return None if sides is None else (sides, itemsize(program, call.keyword("dtype")), sides)


def _opens(call: Call) -> bool:
    return call.result is not None and call.result.is_instance(*api.XARRAY, api.ARRAY)


def _chunks(
    program: Program, given: ast.expr, sides: tuple[int, ...], before: tuple[int, ...]
) -> tuple[int, ...] | None:
    """Return the elements of the largest chunk along each dimension."""
    if isinstance(given, ast.Dict):
        found = list(before)
        for key, value in zip(given.keys, given.values, strict=True):
            axis = number(program, key)
            if axis is None or not -len(sides) <= axis < len(sides):
                return None
            length = _along(program, value, sides[axis])
            if length is None:
                return None
            found[axis] = length
        return tuple(found)
    parts = given.elts if isinstance(given, (ast.Tuple, ast.List)) else None
    told = shape(program, given) if parts is None else None
    if told is not None and len(told) > 1:
        along = [_limited(one, side) for one, side in zip(told, sides, strict=False)]
        return tuple(along) if len(told) == len(sides) else None
    each = parts if parts is not None else [given] * len(sides)
    if len(each) != len(sides):
        return None
    lengths = [_along(program, part, side) for part, side in zip(each, sides, strict=True)]
    return None if None in lengths else tuple(n for n in lengths if n is not None)


def _along(program: Program, given: ast.expr, side: int) -> int | None:
    if isinstance(given, ast.Constant) and given.value is None:
        return side
    if isinstance(given, (ast.Tuple, ast.List)):
        sizes = shape(program, given)
        return max(sizes) if sizes else None
    length = number(program, given)
    return None if length is None else _limited(length, side)


def _limited(length: int, side: int) -> int:
    return side if length < 0 else max(1, min(length, side))


def text_bytes(program: Program, given: ast.expr) -> int | None:
    """Return the bytes that ``25e6`` or ``"64MB"`` says."""
    if not isinstance(given, ast.Constant) or not isinstance(given.value, str):
        return number(program, given)
    found = _TEXT.match(given.value)
    if found is None:
        return None
    unit = 1024 if found[3] else 1000
    return int(float(found[1]) * unit ** _POWERS[found[2].lower()])


def _argument(call: Call, position: int, name: str) -> ast.expr | None:
    args = call.node.args[: position + 1]
    if any(isinstance(argument, ast.Starred) for argument in args):
        return None
    return args[position] if len(args) > position else call.keyword(name)

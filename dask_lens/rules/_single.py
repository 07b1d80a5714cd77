"""Collections that are made of one partition or chunk."""

from __future__ import annotations

import ast
import functools
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from dask_lens.rules._chunked import AUTO
from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.computes import has_client
from dask_lens.source.loops import loop_of
from dask_lens.source.program import Program
from dask_lens.source.purpose import in_test, only_defines
from dask_lens.source.sizes import SHAPES, elements, nbytes, shape, shape_given, stands_for
from dask_lens.source.tasks import task_functions
from dask_lens.source.words import words

#: Elements of 8 bytes in 100 MB: less needs no pieces.
MOST_SMALL = 12_500_000

#: Makers of arrays that are told the shape.
_SHAPED = frozenset(
    f"dask.array{'' if keyword == 'shape' else '.random'}.{last}"
    for last, (_, keyword) in SHAPES.items()
)
_TEXT = frozenset({"dask.dataframe.read_csv", "dask.dataframe.read_table"})
_PACKED = re.compile(r"\.(gz|bz2|xz|zip|zst)$")
#: Chunks: most machines have as many threads.
_FEW = 8
#: Methods and functions that split it up, or for which one piece is meant to be.
_MEANT = words(
    "repartition rechunk merge join concat concatenate stack append isin to_parquet to_csv "
    "to_hdf to_zarr map_overlap apply_gufunc compute head"
)
#: Whatever is done with the dataset, its files are opened before.
_OF_FILES = {"serial": frozenset[str]()}


@dataclass(frozen=True)
class Single:
    """A call that makes a collection of one piece.

    Parameters
    ----------
    call
        The call.
    how
        What makes it one: ``"npartitions"``, ``"chunks"``, ``"missing"`` or ``"packed"``;
        ``"few"``: it makes several, but not many; ``"serial"``: it opens files one by one.
    is_small
        Whether the text says that the data is small.
    """

    call: Call
    how: str
    is_small: bool


@functools.lru_cache(maxsize=8)
def singles(program: Program) -> tuple[Single, ...]:
    """Return the calls that make a collection of one piece, for no reason that can be seen.

    Parameters
    ----------
    program
        The cells.
    """
    return tuple(
        s for s in _found(program) if not _is_meant(program, s.call, _OF_FILES.get(s.how, _MEANT))
    )


def _found(program: Program) -> Iterator[Single]:
    for call in program.by_name.get("dask.dataframe.from_pandas", ()):
        if _is_for_others(program, call):
            continue
        if _is_one(call, 1, "npartitions", missing=True) and not _gives(call, "chunksize", 2):
            yield Single(call, "npartitions", _is_small(program, call))
    for call in program.by_name.get("dask.bag.from_sequence", ()):
        if _is_one(call, 2, "npartitions", missing=False):
            yield Single(call, "npartitions", _is_small(program, call))
    for name in _TEXT:
        packed = [call for call in program.by_name.get(name, ()) if _is_packed(call)]
        yield from (Single(call, "packed", is_small=False) for call in packed)
    yield from _arrays(program)
    yield from _of_xarray(program)


def _of_xarray(program: Program) -> Iterator[Single]:
    """Yield what makes one chunk of all, and what opens many files one after the other."""
    for call in program.calls:
        owner, _, last = call.name.rpartition(".")
        given = None
        if owner in (*api.XARRAY, api.LOADED) and last == "chunk":
            given = _argument(call, 0, "chunks")
        elif owner == "xarray" and last.startswith("open_"):
            given = call.keyword("chunks")
        if given is not None and ast.unparse(given) == "-1":
            yield Single(call, "chunks", is_small=False)
    for call in program.by_name.get("xarray.open_mfdataset", ()):
        if call.keyword("parallel") is None and not call.has_unpacked_keywords:
            lazily = call.keyword("chunks") is not None or has_client(program)
            if lazily and call.node.args and _is_pattern(program, call.node.args[0]):
                yield Single(call, "serial", is_small=False)


def _is_pattern(program: Program, node: ast.expr) -> bool:
    """Whether a path stands for many files."""
    node = stands_for(program, node)
    if isinstance(node, ast.Call):
        last = ast.unparse(node.func).rpartition(".")[2]
        inner = node.args[0] if last in ("sorted", "list") and node.args else None
        return last in ("glob", "iglob", "rglob") or (
            inner is not None and _is_pattern(program, inner)
        )
    parts = (part for part in ast.walk(node) if isinstance(part, ast.Constant))
    return any(isinstance(part.value, str) and "*" in part.value for part in parts)


def _arrays(program: Program) -> Iterator[Single]:
    for call in program.by_name.get("dask.array.from_array", ()):
        given = _argument(call, 1, "chunks")
        if _is_passed_on(program, call, _argument(call, 0, "x")):
            continue
        if given is not None and _is_whole(program, call, given):
            yield Single(call, "chunks", _is_small(program, call))
        elif given is None and not call.has_unpacked_keywords and call.node.args:
            if _is_unsized(program, call):
                yield Single(call, "missing", is_small=False)
            elif AUTO < (nbytes(program, call.node.args[0]) or 0) < _FEW * AUTO:
                yield Single(call, "few", is_small=False)
    for call in (call for name in _SHAPED for call in program.by_name.get(name, ())):
        given, sides = call.keyword("chunks"), shape_given(call.node, call.name.rpartition(".")[2])
        sizes = shape(program, sides)
        passed_on = sizes is None and _is_passed_on(program, call, None)
        if given is not None and not passed_on and _is_whole(program, call, given):
            small = sizes is not None and math.prod(sizes) < MOST_SMALL
            yield Single(call, "chunks", small)


def _is_passed_on(program: Program, call: Call, given: ast.expr | None) -> bool:
    """Whether a function makes an array of what it is called with, or for its caller."""
    if call.inside is None:
        return False
    if isinstance(program.cells[call.cell].statement(call.node), ast.Return):
        return True
    arguments = call.inside.node.args
    own = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    told = given is not None and elements(program, given) is not None
    return not told and (bool(own) or arguments.vararg is not None)


def _is_for_others(program: Program, call: Call) -> bool:
    """Whether a function makes a collection of the table it is given, of which nothing is known.

    Its callers know how large that is, and what they do with the collection.
    """
    table = _argument(call, 0, "data")
    function = call.inside.node if call.inside is not None else None
    if function is None or not isinstance(table, ast.Name):
        return False
    own = {a.arg for a in ast.walk(function.args) if isinstance(a, ast.arg)}
    returned = isinstance(program.cells[call.cell].statement(call.node), ast.Return)
    return table.id in own and (returned or only_defines(program))


def _argument(call: Call, position: int, name: str) -> ast.expr | None:
    args = call.node.args
    if any(isinstance(argument, ast.Starred) for argument in args):
        return ast.Name("*", ast.Load())
    return args[position] if len(args) > position else call.keyword(name)


def _gives(call: Call, name: str, position: int) -> bool:
    return call.has_unpacked_keywords or _argument(call, position, name) is not None


def _is_one(call: Call, position: int, name: str, *, missing: bool) -> bool:
    given = _argument(call, position, name)
    if given is None:
        return missing and not call.has_unpacked_keywords
    return isinstance(given, ast.Constant) and type(given.value) is int and given.value == 1


def _is_whole(program: Program, call: Call, given: ast.expr) -> bool:
    """Whether chunks are said to be as large as the array."""
    if ast.unparse(given) in ("-1", "(-1,)", "(-1, -1)", "(-1, -1, -1)"):
        return True
    written = ast.unparse(given)
    if call.name == "dask.array.from_array":
        array = _argument(call, 0, "x")
        whole = ast.unparse(array) if array is not None else "?"
        return written in (f"{whole}.shape", f"len({whole})")
    first = shape_given(call.node, call.name.rpartition(".")[2])
    sizes, pieces = shape(program, first), shape(program, given)
    same = first is not None and written == ast.unparse(first)
    return same or (sizes is not None and sizes == pieces)


def _is_small(program: Program, call: Call) -> bool:
    if not call.node.args:
        return False
    known = elements(program, call.node.args[0])
    return known is not None and known < MOST_SMALL


def _is_unsized(program: Program, call: Call) -> bool:
    """Whether it is an array of NumPy's, in memory, of a size that the text does not say."""
    made = stands_for(program, call.node.args[0])
    maker = program.by_node.get(made) if isinstance(made, ast.Call) else None
    mapped = maker is not None and maker.keyword("mmap_mode") is not None
    if maker is None or not maker.name.startswith("numpy.") or mapped or "memmap" in maker.name:
        return False
    return elements(program, made) is None


def _is_packed(call: Call) -> bool:
    path = _argument(call, 0, "urlpath")
    if not isinstance(path, ast.Constant) or not isinstance(path.value, str):
        return False
    return "*" not in path.value and bool(_PACKED.search(path.value))


def _is_meant(program: Program, call: Call, meant: frozenset[str]) -> bool:
    """Whether it is one piece of many, a task's own, or split up or put together later."""
    if in_test(program, call.cell, call.node):
        return True
    if loop_of(program, call.cell, call.node, call.inside) is not None:
        return True
    if call.inside is not None and call.inside in task_functions(program):
        return True
    result = call.result
    if result is None or not result.is_instance(*api.COLLECTIONS):
        return True
    for other in program.calls:
        if other.node is call.node:
            continue
        func = other.node.func
        last = func.attr if isinstance(func, ast.Attribute) else other.name
        values = (other.receiver, *other.arguments, *other.keywords.values())
        parts = [p for v in values if v is not None and v.kind == "items" for p in v.parts or ()]
        ours = any(v is not None and v.call is call.node for v in (*values, *parts))
        if ours and last in meant:
            return True
    return False

"""Where the rows of a dataframe are sorted or shuffled, and which of that is for nothing."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from dataclasses import dataclass

from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.cell import ParsedCell
from dask_lens.source.lineage import ancestors
from dask_lens.source.loops import Loop, loop_of, names_in
from dask_lens.source.passes import stored_names
from dask_lens.source.program import Program
from dask_lens.source.timing import is_timed_cell, is_timed_line
from dask_lens.source.values import Function
from dask_lens.source.waits import Wait, waits
from dask_lens.source.words import words

_SHUFFLES = words("set_index sort_values shuffle")
#: Methods for which it is all the same in which order the rows are.
_INDIFFERENT = words(
    "reset_index rename drop astype assign dropna fillna query copy repartition isin isna "
    "drop_duplicates"
)
_MOST_BEHIND = 20


@dataclass(frozen=True, eq=False)
class Repeated:
    """A shuffle that is done for nothing, or once more than needed.

    Parameters
    ----------
    call
        The shuffle after which the earlier one is lost, or which is done again.
    earlier
        The earlier one; None for one in a loop.
    loop
        The loop that does it again in every pass; None where there is none.
    """

    call: Call
    earlier: Call | None = None
    loop: Loop | None = None


@functools.lru_cache(maxsize=8)
def repeated(program: Program) -> tuple[Repeated, ...]:
    """Return the shuffles that are repeated, in the order of the text.

    Parameters
    ----------
    program
        The cells.
    """
    full = [call for call in program.calls if is_shuffle(call) and not _is_test(call.inside)]
    return tuple(
        found
        for call in full
        if not _is_timed(program.cells[call.cell], call.node)
        and (found := _repeated(program, call, full)) is not None
    )


def is_shuffle(call: Call) -> bool:
    """Whether a call moves every row to where it belongs, in all of a dataframe."""
    owner, _, last = call.name.rpartition(".")
    if owner not in (api.DATAFRAME, api.SERIES) or last not in _SHUFFLES:
        return False
    if call.has_unpacked_keywords or call.literal("sort") is False:
        return False
    return call.keyword("divisions") is None and call.keyword("sorted") is None


def _is_test(function: Function | None) -> bool:
    return function is not None and function.name.startswith("test_")


def _is_timed(cell: ParsedCell, node: ast.AST) -> bool:
    return is_timed_cell(cell) or is_timed_line(cell, node)


def _repeated(program: Program, call: Call, full: list[Call]) -> Repeated | None:
    earlier = _lost(program, call)
    if earlier is not None:
        return Repeated(call, earlier)
    loop = loop_of(program, call.cell, call.node, None)
    if loop is not None:
        changing = loop.targets | stored_names(loop.body)
        parts = set(loop.parts())
        waited = any(wait.node in parts for wait in computed_in(program, call))
        again = waited and not names_in(call.node) & changing
        return Repeated(call, loop=loop) if again or _rebinds(program, call, loop) else None
    for twin in _twins(call, full):
        one, other = computed_in(program, twin), computed_in(program, call)
        if one and other and len({*one, *other}) > 1:  # in one computation, they are one
            return Repeated(call, twin)
    return None


def computed_in(program: Program, call: Call) -> list[Wait]:
    """Return what waits for something that is made of the result of a call.

    Parameters
    ----------
    program
        The cells.
    call
        The call.
    """
    return [
        wait
        for wait in waits(program)
        if any(value.call is call.node for value in ancestors(wait.values))
    ]


def _lost(program: Program, call: Call) -> Call | None:
    """Return the earlier shuffle whose order this one destroys, unused."""
    value = call.receiver
    for _ in range(_MOST_BEHIND):
        if value is None:
            return None
        made = program.by_node.get(value.call) if value.call is not None else None
        if made is not None and is_shuffle(made):
            return made
        if made is not None and made.name.rpartition(".")[2] not in _INDIFFERENT:
            return None
        if made is None and ".loc[" in program.cells[call.cell].source:
            return None  # rows were chosen by the index, perhaps of this one
        if value.parts is None or len(value.parts) != 1:
            return None
        value = value.parts[0]
    return None


def _rebinds(program: Program, call: Call, loop: Loop) -> bool:
    """Whether each pass shuffles what the pass before has shuffled."""
    statement = program.cells[call.cell].statement(call.node)
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return False
    target, root = statement.targets[0], call.node.func
    while isinstance(root, (ast.Attribute, ast.Call, ast.Subscript)):
        root = root.func if isinstance(root, ast.Call) else root.value
    if not isinstance(target, ast.Name) or not isinstance(root, ast.Name) or target.id != root.id:
        return False
    stored = [
        node
        for node in loop.parts()
        if isinstance(node, ast.Name) and node.id == target.id and isinstance(node.ctx, ast.Store)
    ]
    return len(stored) == 1  # else each pass may begin with another


def _twins(call: Call, full: list[Call]) -> Iterator[Call]:
    """Yield the same shuffle of the same dataframe, or of columns of it, that stands before."""
    for other in full:
        if other.node is call.node:
            return
        if _key(other) == _key(call) is not None and _written(other) == _written(call):
            yield other


def _key(call: Call) -> tuple[int, int] | None:
    """Return what tells the dataframe apart whose rows are moved."""
    value, func = call.receiver, call.node.func
    shuffled = func.value if isinstance(func, ast.Attribute) else func
    if isinstance(shuffled, ast.Subscript) and isinstance(shuffled.slice, ast.List):
        value = next(iter(value.parts or ()), None) if value is not None else None
    return (id(value.call), value.serial) if value is not None and value.call is not None else None


def _written(call: Call) -> tuple[str, ...]:
    last = call.name.rpartition(".")[2]
    given = [*call.node.args, *(k.value for k in call.node.keywords)]
    return (last, *(ast.unparse(node) for node in given))

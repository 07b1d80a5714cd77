"""What a loop makes anew in every pass, though once would do: cuts of an array, and datasets."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from dataclasses import dataclass

from dask_lens.record.cell import Place
from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.loops import Loop, is_short, loop_of, names_in
from dask_lens.source.passes import stored_names
from dask_lens.source.program import Program
from dask_lens.source.timing import tells_time
from dask_lens.source.values import Value
from dask_lens.source.waits import uses_dask
from dask_lens.source.words import words

_CUTS = words("rechunk chunk repartition")
_OPENERS = words("xarray.open_dataset xarray.open_dataarray xarray.open_zarr")
_JOINS = words("xarray.concat xarray.merge xarray.combine_nested xarray.combine_by_coords")
_MOST_LOOKED_AT = 200


@dataclass(frozen=True, eq=False)
class Anew:
    """A call in a loop.

    Parameters
    ----------
    call
        The call.
    loop
        The loop that it stands in.
    how
        ``"cut"``: the same array is cut the same way; ``"opened"``: each pass opens a dataset,
        and all of them are put together.
    """

    call: Call
    loop: Loop
    how: str


@functools.lru_cache(maxsize=8)
def made_anew(program: Program) -> tuple[Anew, ...]:
    """Return the calls in loops that could be made once, in the order of the text.

    Parameters
    ----------
    program
        The cells.
    """
    cut = [found for call in program.calls if (found := _cut(program, call)) is not None]
    opened = list(_opened(program)) if uses_dask(program) else []
    return tuple(sorted([*cut, *opened], key=lambda one: (one.call.cell, one.call.node.lineno)))


def anew_at(program: Program, place: Place, how: str) -> Anew | None:
    """Return the call on a line that could be made once.

    Parameters
    ----------
    program
        The cells.
    place
        The line.
    how
        As in :class:`Anew`.
    """
    for one in made_anew(program):
        stands = program.place(one.call.cell, one.call.node)
        if one.how == how and (stands.cell, stands.line) == (place.cell, place.line):
            return one
    return None


def _cut(program: Program, call: Call) -> Anew | None:
    owner, _, last = call.name.rpartition(".")
    if last not in _CUTS or owner not in (api.ARRAY, api.DATAFRAME, *api.XARRAY):
        return None
    loop = loop_of(program, call.cell, call.node, None)
    if loop is None or not loop.body or tells_time(program, loop.parts()):
        return None
    changing = loop.targets | stored_names(loop.body)
    name = rebound(program, call)
    if name is not None:
        stored = [
            node
            for node in loop.parts()
            if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store)
        ]
        changing -= {name} if len(stored) == 1 else set()
    return None if names_in(call.node) & changing else Anew(call, loop, "cut")


def rebound(program: Program, call: Call) -> str | None:
    """Return the name that a method is called on, where the result takes its place.

    Parameters
    ----------
    program
        The cells.
    call
        The call of the method.
    """
    statement = program.cells[call.cell].statement(call.node)
    func = call.node.func
    owner = func.value if isinstance(func, ast.Attribute) else None
    if not isinstance(statement, ast.Assign) or statement.value is not call.node:
        return None
    [target, *more] = statement.targets
    same = isinstance(target, ast.Name) and isinstance(owner, ast.Name) and owner.id == target.id
    return target.id if same and not more and isinstance(target, ast.Name) else None


def _opened(program: Program) -> Iterator[Anew]:
    """Yield what opens a dataset in each pass of a loop, after which they are put together."""
    joins = [call for name in _JOINS for call in program.by_name.get(name, ())]
    joined = [(join, {value.call for value in _parts(join)}) for join in joins]
    for call in (call for name in sorted(_OPENERS) for call in program.by_name.get(name, ())):
        loop = loop_of(program, call.cell, call.node, None)
        if loop is None or is_short(loop.node):
            continue
        inside = set(loop.parts())
        if any(call.node in parts and join.node not in inside for join, parts in joined):
            yield Anew(call, loop, "opened")


def _parts(join: Call) -> Iterator[Value]:
    """Yield what is put together from a list."""
    waiting: list[Value | None] = list(join.arguments[:1])
    for _ in range(_MOST_LOOKED_AT):
        value = waiting.pop() if waiting else None
        if value is not None and value.kind == "items":
            waiting += [value.item, *(value.parts or ())]
        elif value is not None and value.kind == "instance":
            yield value
            waiting += value.parts or ()

"""Calls that make Dask compute, and where they stand."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator

from dask_lens.record.cell import Place
from dask_lens.source import api
from dask_lens.source.calls import POSITION, Call
from dask_lens.source.configured import PROCESSES, scheduler_named, scheduler_of, setting_at
from dask_lens.source.program import Program

_METHODS = ("compute", "persist")

#: Calls that make a local scheduler or the default client compute.
COMPUTES = frozenset(
    f"{owner}.{last}" for owner in ("dask", *api.COLLECTIONS) for last in _METHODS
)


def computes(program: Program) -> list[Call]:
    """Return the calls that compute, in the order of the text."""
    found = [call for name in COMPUTES for call in program.by_name.get(name, ())]
    return sorted(found, key=POSITION)


def is_compute(call: Call) -> bool:
    """Whether a call makes a local scheduler or the default client compute."""
    return call.name in COMPUTES


def may_compute(call: Call) -> bool:
    """Whether a call is, or may be for all that is known, one that computes."""
    method = isinstance(call.node.func, ast.Attribute) and call.node.func.attr in _METHODS
    return is_compute(call) or (method and not call.name and call.receiver is None)


def computes_at(program: Program, place: Place) -> Iterator[Call]:
    """Yield the calls that compute on the line of ``place``, the likeliest first.

    Parameters
    ----------
    program
        The cells.
    place
        A line that Python's traceback would show for the call.
    """
    found = [
        call
        for call in program.calls
        if call.cell == place.cell
        and may_compute(call)
        and call.node.lineno <= place.line <= (call.node.end_lineno or call.node.lineno)
    ]
    # Of a chain over several lines, the traceback shows the line of the method's name.
    yield from sorted(
        found,
        key=lambda call: (
            place.line not in {call.node.func.end_lineno, call.node.lineno},
            not is_compute(call),
            call.node.lineno,
        ),
    )


def compute_at(program: Program, place: Place | None) -> Call | None:
    """Return the likeliest of the calls that compute on a line; None where there is none."""
    return None if place is None else next(computes_at(program, place), None)


def computed_at(program: Program, place: Place | None) -> Place | None:
    """Return where the call stands that computes on a line; the line where there is none."""
    call = compute_at(program, place)
    return place if call is None else program.place(call.cell, call.node)


@functools.lru_cache(maxsize=8)
def has_client(program: Program) -> bool:
    """Whether a distributed client is made anywhere in the cells."""
    return any(
        call.result is not None
        and call.result.is_instance(api.CLIENT)
        and call.name not in api.WORKER_CLIENTS
        and call.name != api.WORKER_CLIENT
        for call in program.calls
    )


def starts_processes(program: Program, call: Call) -> bool:
    """Whether a call that computes does so on the processes scheduler, as far as it is told."""
    if call.keyword("scheduler") is not None or call.inside is not None:
        return scheduler_of(call) in PROCESSES
    chosen = setting_at(program, call, "scheduler")
    if chosen is not None:
        return scheduler_named(chosen) in PROCESSES
    bag = call.receiver is not None and call.receiver.is_instance(api.BAG, api.BAG_ITEM)
    return bag and not has_client(program)

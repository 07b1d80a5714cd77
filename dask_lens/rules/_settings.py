"""Which schedulers the cells name, and which client is there."""

from __future__ import annotations

import ast

from dask_lens.source import api
from dask_lens.source.calls import POSITION, Call
from dask_lens.source.computes import computes
from dask_lens.source.configured import PROCESSES, SYNC, THREADS, block_of, literal, scheduler_of
from dask_lens.source.program import Program

_CLOSING = ("distributed.Client.close", "distributed.Client.shutdown")


def is_statement(program: Program, call: Call) -> bool:
    """Whether a call is a statement of its own, at the top level of a cell."""
    parents = list(program.cells[call.cell].parents(call.node))
    return bool(parents) and isinstance(parents[0], ast.Expr) and call.inside is None


def compares_schedulers(program: Program) -> bool:
    """Whether the cells name more than one scheduler: then they compare them on purpose."""
    named = {scheduler_of(call) for call in computes(program)} - {None}
    kinds = [SYNC, THREADS, PROCESSES]
    return sum(bool(kind & named) for kind in kinds) > 1


def clients(program: Program) -> list[Call]:
    """Return the calls at the top level of the cells that make a client."""
    found = [
        call
        for call in program.calls
        if call.result is not None
        and call.result.is_instance(api.CLIENT)
        and call.inside is None
        and call.name not in api.WORKER_CLIENTS
        and call.name != api.WORKER_CLIENT
    ]
    return sorted(found, key=POSITION)


def client_at(program: Program, call: Call) -> Call | None:
    """Return the call that made the default client that is there when ``call`` is reached."""
    found = None
    for made in clients(program):
        if made.position >= call.position or literal(made.keyword("set_as_default")) is False:
            continue
        block = block_of(program, made)
        if block is not None and block not in program.cells[call.cell].parents(call.node):
            continue
        if not _closed(program, made, call):
            found = made
    return found


def _closed(program: Program, made: Call, until: Call) -> bool:
    between = (
        call
        for name in _CLOSING
        for call in program.by_name.get(name, ())
        if made.position < call.position < until.position
    )
    return any(
        call.receiver is None or call.receiver.call in (None, made.node) for call in between
    )

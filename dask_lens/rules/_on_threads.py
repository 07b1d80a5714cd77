"""Tasks that will run side by side in threads of one process, as far as the text tells."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from dask_lens.rules._settings import client_at, compares_schedulers
from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.computes import computes, has_client
from dask_lens.source.configured import THREADS, literal, scheduler_of, settings
from dask_lens.source.lineage import ancestors
from dask_lens.source.loops import loop_of
from dask_lens.source.program import Program
from dask_lens.source.values import Function, Value

_THREADED = (api.DELAYED_OBJECT, api.ARRAY, *api.FRAMES)


@dataclass(frozen=True)
class Threaded:
    """A function that several tasks of one call will run.

    Parameters
    ----------
    call
        The call that computes.
    function
        The function.
    made
        The call that made the task, with its arguments; None where they are not known.
    local
        Whether the call goes to Dask's own threads; else to a client's.
    """

    call: Call
    function: Function
    made: Call | None
    local: bool


@functools.lru_cache(maxsize=8)
def threaded(program: Program) -> tuple[Threaded, ...]:
    """Return such functions, one for each call that computes."""
    return () if compares_schedulers(program) else tuple(_found(program))


def _found(program: Program) -> Iterator[Threaded]:
    for call in computes(program):
        local = _is_local(program, call)
        if not local and not _shares_process(client_at(program, call), call):
            continue
        values = call.arguments if call.receiver is None else (call.receiver,)
        made = _several(program, values)
        if made is not None and made.function is not None:
            maker = program.by_node.get(made.call) if made.call is not None else None
            yield Threaded(call, made.function, maker, local)
    for call in program.by_name.get("distributed.Client.map", ()):
        first = call.arguments[0] if call.arguments else None
        client = call.receiver.call if call.receiver is not None else None
        made_client = program.by_node.get(client) if client is not None else None
        if first is not None and first.function and _shares_process(made_client, call):
            yield Threaded(call, first.function, None, local=False)


def _several(program: Program, values: tuple[Value | None, ...]) -> Value | None:
    """Return a Delayed of which there are several of the same function."""
    found = [
        value
        for value in ancestors(values)
        if value.is_instance(api.DELAYED_OBJECT) and value.function is not None
    ]
    counted = Counter(value.function for value in found)
    for value in found:
        maker = program.by_node.get(value.call) if value.call is not None else None
        if counted[value.function] > 1:
            return value
        if maker and loop_of(program, maker.cell, maker.node, maker.inside) is not None:
            return value
    return None


def _is_local(program: Program, call: Call) -> bool:
    """Whether a call computes in Dask's own threads, more than one."""
    if call.has_unpacked_keywords or literal(call.keyword("num_workers")) == 1:
        return False
    if call.keyword("scheduler") is not None:
        return scheduler_of(call) in THREADS
    if has_client(program) or any(settings(program, "scheduler")):
        return False
    values = [v for v in (call.receiver, *call.arguments) if v is not None]
    values += [v.item for v in values if v.kind == "items" and v.item is not None]
    return any(value.is_instance(*_THREADED) for value in values)


def _shares_process(made: Call | None, call: Call) -> bool:
    """Whether a client was made whose workers are threads of this process."""
    if made is None or call.keyword("scheduler") is not None:
        return False
    return literal(made.keyword("processes")) is False


def cluster_call(program: Program) -> Call | None:
    """Return the last call that makes a cluster of this machine, itself or through a client."""
    found = [
        call
        for call in program.calls
        if call.name in (api.CLIENT, "distributed.LocalCluster")
        and (call.name != api.CLIENT or not call.node.args)
    ]
    return max(found, key=lambda call: (call.cell, call.node.lineno), default=None)

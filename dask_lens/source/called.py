"""Calls of functions of the notebook that compute what is made of what they are given."""

from __future__ import annotations

import functools

from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.loops import loop_of
from dask_lens.source.program import Program
from dask_lens.source.values import Function, Value
from dask_lens.source.waits import EXPLICIT, Wait, waits

_LAZY = (*api.COLLECTIONS, api.DERIVED)


@functools.lru_cache(maxsize=8)
def called_waits(program: Program) -> tuple[Wait, ...]:
    """Return the calls, at the top level, of functions that compute once what they are given.

    They wait as well as what computes in the function, for what this call has given it. Left
    out are functions that are given anything else, which may choose what is computed.

    Parameters
    ----------
    program
        The cells.
    """
    own: dict[Function, list[Wait]] = {}
    for wait in waits(program):
        if wait.inside is not None and not wait.inside.is_bound:
            own.setdefault(wait.inside, []).append(wait)
    calls = (c for c in program.calls if c.inside is None and c.callee in own)
    found = (_waits(program, call, own[call.callee]) for call in calls if call.callee is not None)
    return tuple(wait for wait in found if wait is not None)


def _waits(program: Program, call: Call, inner: list[Wait]) -> Wait | None:
    wait = inner[0]
    if len(inner) > 1 or wait.how not in EXPLICIT or call.callee is None or not call.arguments:
        return None
    if call.node.keywords or not all(map(_is_lazy, call.arguments)):
        return None
    if loop_of(program, wait.cell, wait.node, wait.inside) is not None:
        return None
    body = program.called(call.callee, call.node, list(call.arguments))
    made = next((c for c in body.calls if c.node is wait.node), None) if body is not None else None
    value = (made.receiver or made.derived) if made is not None else None
    if value is None or not _is_lazy(value):
        return None
    return Wait(call.node, call.cell, "compute", (value,), None, call)


def _is_lazy(value: Value | None) -> bool:
    return value is not None and value.is_instance(*_LAZY)

"""Calls that bring the result of one future here."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.program import Program
from dask_lens.source.values import Value

_RESULT = "distributed.Future.result"
_GATHER = "distributed.Client.gather"


def fetches(program: Program) -> Iterator[Call]:
    """Yield the calls of ``future.result()`` and ``client.gather(future)``.

    Parameters
    ----------
    program
        The cells.
    """
    yield from program.by_name.get(_RESULT, ())
    for call in program.by_name.get(_GATHER, ()):
        given = call.arguments[0] if call.arguments else None
        if given is not None and given.is_instance(api.FUTURE):
            yield call


def fetched(call: Call) -> tuple[ast.expr | None, Value | None]:
    """Return the future that such a call brings: as it is written, and what is known of it.

    Parameters
    ----------
    call
        One of :func:`fetches`.
    """
    if call.name == _GATHER:
        return call.node.args[0], call.arguments[0]
    func = call.node.func
    return (func.value if isinstance(func, ast.Attribute) else None), call.receiver

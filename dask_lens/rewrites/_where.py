"""Where the calls of a piece of code compute: the arguments that choose it."""

from __future__ import annotations

import functools
from collections.abc import Mapping

import libcst as cst

from dask_lens.rewrites._arguments import (
    has_unpacked_keywords,
    is_bare_generator,
    with_keyword,
    without_keyword,
)
from dask_lens.rewrites._codemod import Codemod

#: Arguments of a compute call that choose where it runs.
WHERE = ("scheduler", "num_workers", "chunksize")
_CALLS = ("compute", "persist")


def with_where(source: str, given: Mapping[str, str]) -> tuple[str, int] | None:
    """Set where every compute and persist in a piece of code runs.

    Parameters
    ----------
    source
        The code.
    given
        Source of the arguments by name; others of :data:`WHERE` are taken away.

    Returns
    -------
    tuple of str and int, or None
        The new code and the number of calls in it; None where it cannot be changed.
    """
    try:
        codemod = Codemod(source)
    except cst.ParserSyntaxError:
        return None
    calls = [call for call in codemod.nodes(cst.Call) if _computes(call)]
    for call in calls:
        codemod.change(call, functools.partial(_set, given=given))
    text = codemod.text()
    return None if text is None else (text, len(calls))


def _computes(call: cst.Call) -> bool:
    name = call.func.attr if isinstance(call.func, cst.Attribute) else call.func
    is_named = isinstance(name, cst.Name) and name.value in _CALLS
    return is_named and not has_unpacked_keywords(call) and not is_bare_generator(call)


def _set(call: cst.Call, given: Mapping[str, str]) -> cst.Call:
    for name in WHERE:
        call = (
            with_keyword(call, name, given[name]) if name in given else without_keyword(call, name)
        )
    return call

"""Compute in threads of this process, where data would be sent to processes and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._arguments import with_keyword, without_keyword
from dask_lens.rewrites._codemod import outcome
from dask_lens.rewrites._keyword import opened
from dask_lens.source.computes import compute_at, has_client
from dask_lens.source.configured import PROCESSES, scheduler_of
from dask_lens.source.program import read

rewrite = Rewrite(__name__, title="Compute in threads (scheduler='threads')")


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Name the threads scheduler in the call at ``place``."""
    program = read(cells)
    call = compute_at(program, place)
    if call is None:
        return "no call on this line takes a scheduler; only compute and persist do"
    found = opened(cells, program, call, "a scheduler")
    if isinstance(found, str):
        return found
    codemod, node = found
    named = call.keyword("scheduler")
    if named is None and has_client(program):
        return "the call goes to the client"
    if named is not None and scheduler_of(call) not in PROCESSES:
        return "the scheduler of the call is not processes, as far as the text tells"
    if call.keyword("pool") is not None:
        return "the call brings its own pool"
    codemod.change(node, _on_threads)
    return outcome({place.cell: codemod}, "ask")


def _on_threads(node: cst.Call) -> cst.Call:
    return with_keyword(without_keyword(node, "chunksize"), "scheduler", '"threads"')

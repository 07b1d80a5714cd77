"""Give each thread of a cluster on this machine a process, and so an interpreter, of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._arguments import (
    has_unpacked_keywords,
    with_keyword,
    without_keyword,
)
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.program import read

rewrite = Rewrite(__name__, title="One process for each thread (threads_per_worker=1)")

_MAKES = (api.CLIENT, "distributed.LocalCluster")


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Change the call at ``place`` that makes the cluster."""
    program = read(cells)
    made = [
        call
        for call in program.calls
        if call.cell == place.cell
        and call.name in _MAKES
        and program.place(call.cell, call.node).line == place.line
    ]
    if not made:
        return "no client or cluster is made on this line: make one with threads_per_worker=1"
    found = made[0]
    if found.name == api.CLIENT and (found.node.args or found.keyword("address") is not None):
        return "the client connects to a cluster that is made elsewhere"
    workers = _workers(found)
    if isinstance(workers, str):
        return workers
    codemod = Codemod(cells[place.cell].source)
    call = codemod.at(cst.Call, program.place(found.cell, found.node))
    if call is None:
        return "the call could not be found in the text"
    if has_unpacked_keywords(call):
        return "the call takes keywords from **, which may say how many threads there are"
    codemod.change(call, lambda node: _separated(node, workers))
    return outcome({place.cell: codemod}, "ask")


def _workers(call: Call) -> int | str | None:
    """Return how many workers to make, None for as many as there are processors, or why not."""
    given = [call.keyword(name) for name in ("n_workers", "threads_per_worker")]
    workers, threads = (call.literal(name) for name in ("n_workers", "threads_per_worker"))
    if call.node.args and call.name != api.CLIENT:
        return "the number of workers is not given by name"
    known = [type(value) is int for value in (workers, threads)]
    if any(node is not None and not is_known for node, is_known in zip(given, known, strict=True)):
        return "the number of workers or threads is not written as a number"
    in_processes = call.literal("processes") is not False
    if threads == 1 and in_processes:
        return "each worker has one thread already"
    if given == [None, None]:
        return None
    if threads is None:
        # Dask gives workers an equal share of the processors.
        return None
    return int(threads) * int(1 if workers is None else workers)


def _separated(node: cst.Call, workers: int | None) -> cst.Call:
    made = without_keyword(node, "processes")
    if workers is None:
        made = without_keyword(made, "n_workers")
    else:
        made = with_keyword(made, "n_workers", str(workers))
    return with_keyword(made, "threads_per_worker", "1")

"""Submit all tasks of a loop, and gather their results after it."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from dask_lens.metrics import change
from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._after_loop import Joining, join_after_loop, wait_at
from dask_lens.rewrites._codemod import Codemod
from dask_lens.source.program import Program, read
from dask_lens.source.waits import Wait

rewrite = Rewrite(__name__, title="Gather after the loop", effect=change.Change(joined=True))


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Move the ``result()`` of the line at ``place`` behind its loop."""
    program = read(cells)
    wait = wait_at(program, place, "result")
    future = wait.values[0] if wait is not None and wait.values else None
    made = program.by_node.get(future.call) if future is not None and future.call else None
    if wait is None or made is None or made.name != "distributed.Client.submit":
        return "only the result() of a submit() can be moved out of a loop"
    if wait.call is not None and (wait.call.node.args or wait.call.node.keywords):
        return "result() is given a time limit, which gather() does not take"
    client = ast.unparse(made.node.func.value) if isinstance(made.node.func, ast.Attribute) else ""
    if not client.replace(".", "").isidentifier():
        return "the client has no name by which gather could be called after the loop"
    gather = f"{'await ' * _is_awaited(program, wait)}{client}.gather(_)"
    joining = Joining(to_list=gather, to_dict=gather, to_items=gather)
    return join_after_loop(program, wait, joining, Codemod(cells[place.cell].source))


def _is_awaited(program: Program, wait: Wait) -> bool:
    """Whether the client is asynchronous: what it gives is awaited."""
    parent = next(program.cells[wait.cell].parents(wait.node), None)
    return isinstance(wait.node, ast.Await) or isinstance(parent, ast.Await)

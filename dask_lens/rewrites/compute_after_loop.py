"""Collect lazy objects in a loop, and compute them together after it.

It is ``same`` where the loop does nothing else than make lazy objects and keep them: then the
order in which they are computed cannot be told from the result.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dask_lens.metrics import change
from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._after_loop import Joining, join_after_loop, wait_at
from dask_lens.rewrites._codemod import Codemod
from dask_lens.rewrites._dask_name import compute_function, keywords_of
from dask_lens.source.program import read

rewrite = Rewrite(
    __name__, title="Compute together after the loop", effect=change.Change(joined=True)
)


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Move the wait of the line at ``place`` behind its loop."""
    program = read(cells)
    wait = wait_at(program, place, "compute")
    if wait is None or wait.call is None or wait.call.name.startswith("distributed."):
        return "only .compute() and dask.compute() can be moved out of a loop"
    codemod = Codemod(cells[place.cell].source)
    function = compute_function(program, codemod)
    if function is None:
        return "the name dask is something else here: import it by another name"
    options = keywords_of(program, wait.call)
    joining = Joining(
        to_list=f"list({function}(*_{options}))",
        to_dict=f"{function}(_{options})[0]",
        to_items=f"{function}(*_{options})",
    )
    return join_after_loop(program, wait, joining, codemod)

"""What is computed for a file, and then once more."""

from __future__ import annotations

from collections.abc import Sequence

from dask_lens.source.branches import either_or
from dask_lens.source.lineage import ancestors
from dask_lens.source.loops import loop_of
from dask_lens.source.program import Program
from dask_lens.source.rewritten import writes_back
from dask_lens.source.waits import Wait


def written_before(program: Program, wait: Wait, all_waits: Sequence[Wait]) -> Wait | None:
    """Return the writer that computed, a few lines before, what a computation begins with.

    Parameters
    ----------
    program
        The cells.
    wait
        The computation.
    all_waits
        Every place where the code waits, in the order of the text.
    """
    made = list(ancestors(wait.values))
    loop = loop_of(program, wait.cell, wait.node, wait.inside)
    for other in all_waits:
        if other is wait:
            break
        together = (other.cell, other.inside) == (wait.cell, wait.inside)
        if not together or other.how != "write" or other.call is None:
            continue
        # What it is called on, and not only what that is made from.
        same = any(value is not None and value in made for value in other.values)
        around = loop_of(program, other.cell, other.node, other.inside)
        apart = either_or(program.cells[wait.cell], other.node, wait.node) or writes_back(other)
        if same and around is loop and not apart:
            return other
    return None

"""What the tests of rewrites share: cells in, text out."""

from __future__ import annotations

from dask_lens import rewrites
from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Proposal, Untouched


def propose(name: str, sources: tuple[str, ...], text: str, cell: int) -> Proposal | Untouched:
    """Apply a rewrite at the first line that holds ``text``."""
    cells = tuple(Cell(source, f"id-{i}", None, i) for i, source in enumerate(sources))
    lines = sources[cell].replace("\r\n", "\n").split("\n")
    line = next(number for number, line in enumerate(lines, start=1) if text in line)
    return rewrites.catalogue()[name].propose(cells, Place(cell, line), {})


def rewritten(name: str, *sources: str, at: str, cell: int = -1) -> tuple[str, str]:
    """Return the new text of a cell and its safety; a second time nothing changes."""
    cell %= len(sources)
    made = propose(name, sources, at, cell)
    assert isinstance(made, Proposal), made
    [edit] = made.edits
    assert edit.before == sources[cell]
    assert (edit.cell_id, edit.cell) == (f"id-{cell}", cell)
    after = (*sources[:cell], edit.after, *sources[cell + 1 :])
    assert isinstance(propose(name, after, at, cell), Untouched)
    return edit.after, made.safety


def refused(name: str, *sources: str, at: str, cell: int = -1) -> str:
    """Return why a rewrite leaves the cells as they are."""
    made = propose(name, sources, at, cell % len(sources))
    assert isinstance(made, Untouched), made
    assert "stumbled" not in made.reason
    return made.reason

"""Open the files of a dataset side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._arguments import has_unpacked_keywords, with_keyword
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.source.program import read

rewrite = Rewrite(
    __name__,
    title="Open the files side by side (parallel=True)",
    effect="how long the files take to open is not recorded",
)


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Set ``parallel=True`` in the ``open_mfdataset`` at ``place``."""
    program = read(cells)
    found = next(
        (
            call
            for call in program.by_name.get("xarray.open_mfdataset", ())
            if (call.cell, call.node.lineno) == (place.cell, place.line)
        ),
        None,
    )
    if found is None:
        return "no files are opened with open_mfdataset on this line"
    codemod = Codemod(cells[place.cell].source)
    node = codemod.at(cst.Call, program.place(found.cell, found.node))
    if node is None:
        return "the call could not be found in the text"
    if has_unpacked_keywords(node) or found.keyword("parallel") is not None:
        return "the call says already whether to open them side by side"
    codemod.change(node, lambda call: with_keyword(call, "parallel", "True"))
    return outcome({place.cell: codemod}, "ask")

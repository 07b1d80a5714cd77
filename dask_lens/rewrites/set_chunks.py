"""Say how large chunks or partitions shall be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.source.chunks import Cut, cuts
from dask_lens.source.program import Program, read

rewrite = Rewrite(
    __name__,
    title="Choose the size of the chunks",
    effect="how long tasks take on chunks of another size is not known before they have run",
)

#: Partitions where no run has told the number of threads: two for each of four.
_PIECES = 8
#: Bytes of a partition, by the keyword that says so.
_SIZES = {"partition_size": '"100MB"', "blocksize": '"64MB"'}


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, arguments: Mapping[str, Any]) -> Change | str:
    """Change what the call at ``place`` says of the size of its pieces."""
    program = read(cells)
    found = next((c for c in cuts(program) if _stands_at(program, c, place)), None)
    if found is None:
        return "the size of the chunks is not chosen by this call"
    if found.keyword == "chunks":
        of_xarray = found.call.name.startswith("xarray.")  # takes no sizes in bytes everywhere
        nbytes = None if of_xarray else arguments.get("nbytes")
        value = '"auto"' if nbytes is None else f'"{nbytes / 1e6:.3g}MB"'
        title = f"Let Dask choose the chunks ({'128 MiB' if nbytes is None else value[1:-1]})"
    elif found.keyword == "npartitions":
        value = str(arguments.get("pieces", _PIECES))
        title = f"Make {value} partitions"
    else:
        value = _SIZES[found.keyword]
        title = f"Make partitions of {value[1:-1]}"
    codemod = Codemod(cells[place.cell].source)
    node = codemod.at(cst.Call, program.place(found.call.cell, found.call.node))
    if node is None:
        return "the call could not be found in the text"
    given = _given(node, found)
    codemod.change(
        given, lambda argument: argument.with_changes(value=cst.parse_expression(value))
    )
    return outcome({place.cell: codemod}, "ask", title)


def _stands_at(program: Program, cut: Cut, place: Place) -> bool:
    at = program.place(cut.call.cell, cut.call.node)
    same = (at.cell, at.line) == (place.cell, place.line)
    return same and (place.column is None or at == place)


def _given(node: cst.Call, cut: Cut) -> cst.Arg:
    """Return the argument that says the size."""
    for argument, written in zip(node.args, cut.call.node.args, strict=False):
        if written is cut.given:
            return argument
    return next(a for a in node.args if a.keyword is not None and a.keyword.value == cut.keyword)

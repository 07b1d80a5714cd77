"""Call the function of NumPy or pandas in the place of Dask's of the same name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.rewrites._imports import put_first
from dask_lens.source.program import Program, read
from dask_lens.source.words import words

rewrite = Rewrite(__name__, title="Use NumPy or pandas inside the task")

_NUMPY = words(
    "abs all any arange argmax argmin array asarray average bincount ceil clip concatenate cos "
    "count_nonzero cov cumprod cumsum diff dot empty exp eye floor full histogram hstack isnan "
    "linspace log log10 matmul max maximum mean median min minimum nanmax nanmean nanmin nanstd "
    "nansum nonzero ones outer percentile power prod ravel reshape round sin sqrt stack std sum "
    "tensordot tile transpose unique var vstack where zeros"
)
_PANDAS = words("concat merge read_csv read_json read_parquet to_datetime to_numeric")
#: Keywords that only Dask's functions know.
_ONLY_DASK = words("chunks split_every meta npartitions blocksize name asarray")


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Change the module of the call at ``place``."""
    program = read(cells)
    for call in program.calls:
        module, _dot, last = call.name.rpartition(".")
        at = call.cell == place.cell and call.node.lineno == place.line
        if at and module in ("dask.array", "dask.dataframe", "dask.bag"):
            break
    else:
        return "no function of Dask's collections is called on this line"
    library = {"dask.array": "numpy", "dask.dataframe": "pandas"}.get(module)
    known = {"numpy": _NUMPY, "pandas": _PANDAS}.get(library or "", frozenset())
    if library is None or last not in known:
        return f"neither NumPy nor pandas has the same function {last}"
    if any(keyword.arg is None or keyword.arg in _ONLY_DASK for keyword in call.node.keywords):
        return "the call has options that only Dask knows"
    codemod = Codemod(cells[call.cell].source)
    name = _module(program, codemod, library)
    node = codemod.at(cst.Call, program.place(call.cell, call.node))
    if name is None or node is None:
        return f"the name of {library} means something else in this notebook"
    function = cst.parse_expression(f"{name}.{last}")
    codemod.change(node, lambda updated: updated.with_changes(func=function))
    return outcome({call.cell: codemod}, "ask")


def _module(program: Program, codemod: Codemod, library: str) -> str | None:
    """Return the name that the library has in the cells, imported where it has none."""
    for name, value in program.scope.names.items():
        if value is not None and value.kind == "name" and value.name == library:
            return name
    short = {"numpy": "np", "pandas": "pd"}[library]
    if short in program.names:
        return None
    put_first(codemod, f"import {library} as {short}")
    return short

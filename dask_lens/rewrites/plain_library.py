"""Call the function of NumPy or pandas in the place of Dask's of the same name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._arguments import without_keyword
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.rewrites._imports import put_first
from dask_lens.source.calls import Call
from dask_lens.source.program import Program, read
from dask_lens.source.words import words

rewrite = Rewrite(__name__, title="Use NumPy or pandas inside the task")

_NUMPY = words(
    "abs absolute add all allclose any arange arccos arcsin arctan arctan2 argmax argmin "
    "argwhere around array asarray average bincount broadcast_to ceil clip concatenate conj cos "
    "cosh count_nonzero cov cumprod cumsum deg2rad degrees diff digitize divide dot einsum "
    "empty empty_like equal exp expand_dims expm1 eye fabs flip fliplr flipud floor "
    "floor_divide full full_like greater greater_equal histogram hstack hypot imag isclose "
    "isfinite isin isinf isnan less less_equal linspace log log10 log1p log2 logical_and "
    "logical_not logical_or matmul max maximum mean median meshgrid min minimum mod multiply "
    "nan_to_num nanargmax nanargmin nanmax nanmean nanmin nanprod nanstd nansum nanvar negative "
    "nonzero not_equal ones ones_like outer percentile power prod ptp rad2deg radians ravel "
    "real reciprocal repeat reshape rint roll rot90 round searchsorted sign sin sinh sqrt "
    "square squeeze stack std subtract sum take tan tanh tensordot tile transpose tril triu "
    "true_divide trunc unique var vstack where zeros zeros_like"
)
#: Functions that make an array of a given shape: how it is cut into chunks can be left out.
_MAKERS = words(
    "arange empty empty_like eye full full_like linspace ones ones_like zeros zeros_like"
)
_PANDAS = words("concat merge read_csv read_json read_parquet to_datetime to_numeric")
#: Keywords that only Dask's functions know.
_ONLY_DASK = words("chunks split_every meta npartitions blocksize name asarray")


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Change the module of the call at ``place``."""
    program = read(cells)
    calls = [
        call
        for call in program.calls
        if call.cell == place.cell
        and call.node.lineno == place.line
        and call.name.rpartition(".")[0] in ("dask.array", "dask.dataframe", "dask.bag")
    ]
    codemod = Codemod(cells[place.cell].source)
    names: dict[str, str | None] = {}
    for call in calls:
        reason = _change(program, codemod, call, names)
        if reason is not None:
            return reason
    if not calls:
        return "no function of Dask's collections is called on this line"
    return outcome({place.cell: codemod}, "ask")


def _change(
    program: Program, codemod: Codemod, call: Call, names: dict[str, str | None]
) -> str | None:
    """Change the module of one call, or say why it stays."""
    module, _, last = call.name.rpartition(".")
    library = {"dask.array": "numpy", "dask.dataframe": "pandas"}.get(module)
    known = {"numpy": _NUMPY, "pandas": _PANDAS}.get(library or "", frozenset())
    if library is None or last not in known:
        return f"neither NumPy nor pandas has the same function {last}"
    left_out = "chunks" if last in _MAKERS and call.keyword("chunks") is not None else ""
    options = {keyword.arg for keyword in call.node.keywords} - {left_out}
    if options & {None, *_ONLY_DASK}:
        return "the call has options that only Dask knows"
    if library not in names:
        names[library] = _module(program, codemod, library)
    name = names[library]
    node = codemod.at(cst.Call, program.place(call.cell, call.node))
    if name is None or node is None:
        return f"the name of {library} means something else in this notebook"
    function = cst.parse_expression(f"{name}.{last}")
    codemod.change(node, lambda made: without_keyword(made, left_out).with_changes(func=function))
    return None


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

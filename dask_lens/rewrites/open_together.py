"""Open the files of a dataset with one ``open_mfdataset``."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._arguments import with_keyword
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.source.anew import Anew, anew_at
from dask_lens.source.program import Program, read

rewrite = Rewrite(
    __name__,
    title="Open the files together (open_mfdataset)",
    effect="how long the files take to open is not recorded",
)

_COMPREHENSIONS = (ast.ListComp, ast.GeneratorExp)


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Make one ``open_mfdataset`` of the datasets that are opened one by one at ``place``."""
    program = read(cells)
    found = anew_at(program, place, "opened")
    if found is None:
        return "no file of several is opened on this line"
    loop, opened = found.loop.node, found.call.node
    if not isinstance(loop, _COMPREHENSIONS) or loop.elt is not opened:
        return "more is done with each file than to open it"
    [generator, *more] = loop.generators
    target = generator.target
    path = opened.args[0] if len(opened.args) == 1 else None
    same = isinstance(path, ast.Name) and isinstance(target, ast.Name) and path.id == target.id
    if more or generator.ifs or not same or any(k.arg is None for k in opened.keywords):
        return "not every path is opened as it is"
    join = _join(program, found)
    if join is None:
        return (
            "they are not put together by xarray's concat, along one dimension, in one expression"
        )
    return _together(cells, program, found, join)


def _join(program: Program, found: Anew) -> ast.Call | None:
    """Return the concatenation that is given what is opened, and a dimension."""
    for call in program.by_name.get("xarray.concat", ()):
        node = call.node
        plain = isinstance(node.func, ast.Attribute) and call.cell == found.call.cell
        told = len(node.args) + len(node.keywords) == len(("datasets", "dim"))
        named = all(keyword.arg == "dim" for keyword in node.keywords)
        if plain and told and named and node.args and node.args[0] is found.loop.node:
            return node
    return None


def _together(
    cells: tuple[Cell, ...], program: Program, found: Anew, join: ast.Call
) -> Change | str:
    cell = found.call.cell
    codemod = Codemod(cells[cell].source)
    node = codemod.at(cst.Call, program.place(cell, join))
    inner = codemod.at(cst.Call, program.place(cell, found.call.node))
    if node is None or inner is None or len(node.args) != len(("datasets", "dim")):
        return "the call could not be found in the text"
    loop = node.args[0].value
    if not isinstance(loop, (cst.ListComp, cst.GeneratorExp)):
        return "the call could not be found in the text"
    func = cst.ensure_type(node.func, cst.Attribute)
    paths = cst.Arg(loop.for_in.iter)
    changed = cst.Call(func.with_changes(attr=cst.Name("open_mfdataset")), [paths])
    changed = with_keyword(changed, "combine", '"nested"')
    code = cst.Module([])
    changed = with_keyword(changed, "concat_dim", code.code_for_node(node.args[1].value))
    for argument in inner.args[1:]:
        if argument.keyword is not None:
            name = argument.keyword.value
            changed = with_keyword(changed, name, code.code_for_node(argument.value))
    codemod.change(node, lambda _: changed)
    return outcome({cell: codemod}, "ask")

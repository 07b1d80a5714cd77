"""Leave a collection lazy in the place of computing it and making another one."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.source.calls import Call
from dask_lens.source.program import Program, read
from dask_lens.source.waits import waits

rewrite = Rewrite(__name__, title="Stay lazy")

#: Makers, with the method that does the same to a collection and the keywords they share.
_TWINS = {
    "dask.dataframe.from_pandas": ("repartition", "npartitions"),
    "dask.array.from_array": ("rechunk", "chunks"),
}


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Leave out the way through this process that the call at ``place`` takes."""
    program = read(cells)
    computed = {w.node: w for w in waits(program) if w.how == "compute" and w.cell == place.cell}
    codemod = Codemod(cells[place.cell].source)
    for maker in _TWINS:
        for call in program.by_name.get(maker, ()):
            if call.cell != place.cell or call.node.lineno != place.line or not call.node.args:
                continue
            around = next((w for w in computed.values() if list(w.lazies) == [call.node]), None)
            if around is not None:
                return _unmade(program, codemod, call, around.node)
            if call.node.args[0] in computed:
                return _uncomputed(program, codemod, call)
    for call in program.by_name.get("dask.dataframe.from_delayed", ()):
        if (call.cell, call.node.lineno) == (place.cell, place.line) and len(call.node.args) == 1:
            return _taken_apart(program, codemod, call)
    return "the collection is not computed and made again in one expression here"


def _taken_apart(program: Program, codemod: Codemod, call: Call) -> Change | str:
    """Take the collection that was taken apart."""
    apart = call.node.args[0]
    func = apart.func if isinstance(apart, ast.Call) else None
    if not isinstance(func, ast.Attribute) or func.attr != "to_delayed":
        return "the partitions are not taken apart in the same expression"
    found = codemod.at(cst.Call, program.place(call.cell, call.node))
    if found is None:
        return "the call could not be found in the text"
    whole = cst.ensure_type(
        cst.ensure_type(found.args[0].value, cst.Call).func, cst.Attribute
    ).value
    codemod.change(found, lambda _: whole)
    return outcome({call.cell: codemod}, "ask", "Take the collection itself")


def _unmade(program: Program, codemod: Codemod, call: Call, around: ast.expr) -> Change | str:
    """Take the data that the collection is made of."""
    found = codemod.at(cst.Call, program.place(call.cell, around))
    if found is None or not isinstance(call.node.args[0], (ast.Name, ast.Attribute)):
        return "the data has no name of its own here"
    data = cst.parse_expression(ast.unparse(call.node.args[0]))
    codemod.change(found, lambda _: data)
    return outcome({call.cell: codemod}, "ask", "Take the data itself")


def _uncomputed(program: Program, codemod: Codemod, call: Call) -> Change | str:
    """Call the method of the lazy collection."""
    method, keyword = _TWINS[call.name]
    node = call.node
    computed = node.args[0]
    lazy = (
        computed.func.value
        if isinstance(computed, ast.Call) and isinstance(computed.func, ast.Attribute)
        else None
    )
    if lazy is None or any(k.arg not in (keyword, "sort") for k in node.keywords):
        return "the call takes more than the method of the lazy collection does"
    found = codemod.at(cst.Call, program.place(call.cell, node))
    if found is None or len(node.args) > 2:  # noqa: PLR2004 - the data, and how to cut it
        return "the call could not be found in the text"
    sizes = [k.value for k in node.keywords if k.arg == keyword] + node.args[1:]
    if len(sizes) != 1:
        return "how many pieces there shall be is not told"

    def changed(updated: cst.Call) -> cst.Call:
        first = cst.ensure_type(
            cst.ensure_type(updated.args[0].value, cst.Call).func, cst.Attribute
        )
        last = next(a for a in updated.args[1:] if a.keyword is None or a.keyword.value == keyword)
        plain = cst.SimpleWhitespace("")
        equal = cst.AssignEqual(whitespace_before=plain, whitespace_after=plain)
        given = last.with_changes(
            keyword=cst.Name(keyword),
            equal=last.equal if last.keyword else equal,
            comma=cst.MaybeSentinel.DEFAULT,
        )
        func = first.with_changes(attr=cst.Name(method))
        return updated.with_changes(func=func, args=[given])

    codemod.change(found, changed)
    return outcome({call.cell: codemod}, "ask")

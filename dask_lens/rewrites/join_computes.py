"""Make one ``dask.compute`` of compute calls that follow each other."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

import libcst as cst

from dask_lens.metrics import change
from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._after_loop import wait_at
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.rewrites._collecting import is_orderless
from dask_lens.rewrites._dask_name import compute_function, keywords_of
from dask_lens.source.calls import Call
from dask_lens.source.loops import names_in
from dask_lens.source.program import Program, read
from dask_lens.source.waits import EXPLICIT, is_loaded_copy, waits

rewrite = Rewrite(__name__, title="Compute together", effect=change.Change(joined=True, once=True))


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Join the compute call at ``place`` with those directly before and after it."""
    program = read(cells)
    wait = wait_at(program, place, "compute", "load")
    statement = program.cells[place.cell].statement(wait.node) if wait is not None else None
    if statement is None:
        return "there is no compute() on this line"
    found = _neighbours(program, place.cell, statement)
    if len(found) < 2:  # noqa: PLR2004 - one call cannot be joined
        return "other statements stand between the computations: bring them together, by hand"
    codemod = Codemod(cells[place.cell].source)
    function = compute_function(program, codemod)
    if function is None:
        return "the name dask is something else here: import it by another name"
    places = [program.place(place.cell, node) for node, _ in found]
    lines = [s for p in places if isinstance(s := codemod.statement(p), cst.SimpleStatementLine)]
    if len(lines) < len(found) or any(len(line.body) > 1 for line in lines):
        return "the computations share a line with something else"
    said = [line.trailing_whitespace for line in lines if line.trailing_whitespace.comment]
    if len(said) > 1 or any(_has_comment(line) for line in lines[1:]):
        return "a comment stands between the computations"
    code = program.cells[place.cell].code
    targets = ", ".join(ast.unparse(node.targets[0]) for node, _ in found)
    lazies = ", ".join(_source(code, call) for _, call in found)
    text = f"{targets} = {function}({lazies}{keywords_of(program, found[0][1])})"
    joined = cst.ensure_type(cst.parse_statement(text), cst.SimpleStatementLine)
    end = said[0] if said else lines[0].trailing_whitespace
    codemod.change(
        lines[0], lambda line: line.with_changes(body=joined.body, trailing_whitespace=end)
    )
    for line in lines[1:]:
        codemod.change(line, lambda _: cst.RemoveFromParent())
    nodes = [call.node for _, call in found]
    safe = all(is_orderless(wait) for wait in waits(program) if wait.node in nodes)
    return outcome({place.cell: codemod}, "same" if safe else "ask")


def _has_comment(line: cst.SimpleStatementLine) -> bool:
    return any(empty.comment is not None for empty in line.leading_lines)


def _source(code: str, call: Call) -> str:
    func = call.node.func
    lazy = func.value if isinstance(func, ast.Attribute) else call.node
    return ast.get_source_segment(code, lazy) or ast.unparse(lazy)


def _neighbours(program: Program, cell: int, statement: ast.stmt) -> list[tuple[ast.Assign, Call]]:
    """Return the compute statements around this one, with nothing between them."""
    parent = next(program.cells[cell].parents(statement))
    blocks: Sequence[Any] = [v for v in vars(parent).values() if isinstance(v, list)]
    block = next(b for b in blocks if statement in b)
    at = block.index(statement)
    first = last = at
    while first > 0 and _computes(program, block[first - 1]) is not None:
        first -= 1
    while last + 1 < len(block) and _computes(program, block[last + 1]) is not None:
        last += 1
    run: list[tuple[ast.Assign, Call]] = []
    given: set[str] = set()
    for node in block[first : last + 1]:
        call = _computes(program, node)
        if (
            call is None
            or names_in(node.value) & given
            or _options(call) != _options(run[0][1] if run else call)
        ):
            if block.index(node) > at:
                break
            run, given = [], set()
        if call is not None:
            run.append((node, call))
            given |= names_in(node.targets[0])
    return run


def _options(call: Call) -> str:
    return ast.dump(ast.Call(ast.Name(""), [], call.node.keywords))


def _computes(program: Program, node: ast.stmt) -> Call | None:
    """Return the call of ``name = lazy.compute()``, or of ``load()``."""
    if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Call):
        return None
    if len(node.targets) != 1 or not isinstance(node.targets[0], ast.Name):
        return None
    call = program.by_node.get(node.value)
    func = node.value.func
    if call is None or not isinstance(func, ast.Attribute) or func.attr not in EXPLICIT:
        return None
    if func.attr == "load" and not any(
        w.node is node.value and is_loaded_copy(w) for w in waits(program)
    ):
        return None
    return None if node.value.args or call.name.startswith("distributed") else call

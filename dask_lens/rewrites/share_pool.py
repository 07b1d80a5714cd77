"""Give the calls of a cell that compute on processes one pool."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

import libcst as cst

from dask_lens.metrics import change
from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._codemod import Codemod, Statement, outcome, without_blanks
from dask_lens.rewrites._imports import put_first
from dask_lens.source.computes import computes, starts_processes
from dask_lens.source.loops import loop_around
from dask_lens.source.program import Program, read

rewrite = Rewrite(
    __name__,
    title="Give all calls one pool",
    effect=change.Change(pooled=True),
)

#: What a pool is made with: spawned, as Dask's own is, since a notebook has threads.
_EXECUTOR = "concurrent.futures.ProcessPoolExecutor"
_CONTEXT = "multiprocessing.get_context"


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Make a block of the statements from the first such call of the cell to the last."""
    program = read(cells)
    parsed = program.cells[place.cell]
    calls = [
        call
        for call in computes(program)
        if call.cell == place.cell
        and call.inside is None
        and starts_processes(program, call)
        and call.keyword("pool") is None
    ]
    inside = [{*ast.walk(statement)} for statement in parsed.tree.body]
    numbers = [n for n, nodes in enumerate(inside) if any(c.node in nodes for c in calls)]
    looped = any(loop_around(parsed, call.node) is not None for call in calls)
    if not numbers or (len(numbers) == 1 and not looped):
        return "there are no two statements that compute on processes in this cell"
    if any("dask.config.set(pool=" in ast.unparse(parsed.tree.body[n]) for n in numbers):
        return "they have a pool of their own"
    if "pool" in program.names:
        return "the name pool means something else here"
    library = _named(program, "dask")
    if library is None:
        return "dask is not imported by its name"
    codemod = Codemod(cells[place.cell].source)
    body = parsed.tree.body[numbers[0] : numbers[-1] + 1]
    lines = [codemod.statement(parsed.place(place.cell, s)) for s in body]
    if None in lines or len(set(lines)) < len(lines):
        return "two statements stand on one line"
    workers = {ast.unparse(n) for c in calls if (n := c.keyword("num_workers")) is not None}
    pool = _pool(program, workers.pop() if len(workers) == 1 else None)
    _block(codemod, [line for line in lines if line is not None], pool, library)
    for qualified in (_EXECUTOR, _CONTEXT):
        if _named(program, qualified) is None:
            put_first(codemod, "from {0} import {2}".format(*qualified.rpartition(".")))
    return outcome({place.cell: codemod}, "ask")


def _named(program: Program, qualified: str) -> str | None:
    """Return the name by which something was imported."""
    return next(
        (
            name
            for name, value in program.scope.names.items()
            if value is not None and value.kind == "name" and value.name == qualified
        ),
        None,
    )


def _pool(program: Program, workers: str | None) -> str:
    """Return the expression that makes a pool."""
    executor, context = (_named(program, q) or q.rpartition(".")[2] for q in (_EXECUTOR, _CONTEXT))
    given = "" if workers is None else f"{workers}, "
    return f'{executor}({given}mp_context={context}("spawn"))'


def _block(codemod: Codemod, lines: Sequence[Statement], pool: str, library: str) -> None:
    """Make a block of all these statements, which has a pool."""
    first, *rest = lines
    body = [first.with_changes(leading_lines=()), *(without_blanks(line) for line in rest)]
    items = [
        cst.WithItem(cst.parse_expression(pool), cst.AsName(cst.Name("pool"))),
        cst.WithItem(cst.parse_expression(f"{library}.config.set(pool=pool)")),
    ]
    codemod.change(
        first,
        lambda node: cst.With(items, cst.IndentedBlock(body), leading_lines=node.leading_lines),
    )
    for line in rest:
        codemod.change(line, lambda _: cst.RemoveFromParent())

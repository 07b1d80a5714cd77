"""What the passes of a loop make and do not keep, collected and computed together after it."""

from __future__ import annotations

import ast

import libcst as cst

from dask_lens.rewrites._codemod import Codemod, Replace, preceded
from dask_lens.rewrites._dask_name import compute_function
from dask_lens.source.loops import LoopNode
from dask_lens.source.program import Program


def compute_after(
    program: Program,
    codemod: Codemod,
    statement: tuple[int, ast.AST],
    loop: LoopNode | None,
    *,
    name: str,
    lazily: Replace = lambda call: call,
) -> str | None:
    """Compute behind a loop what a statement in it makes, or say why that stays.

    Parameters
    ----------
    program
        The cells.
    codemod
        The cell that is changed.
    statement
        Index of the cell, and the statement: a call and nothing else.
    loop
        The loop around it.
    name
        What the list is called, where that is no name yet.
    lazily
        What becomes of the call, where it has to be made lazy first.
    """
    cell, made = statement
    if not isinstance(loop, (ast.For, ast.While)) or loop.orelse:
        return "only a plain loop can be changed"
    if not isinstance(made, ast.Expr):
        return "what the call returns is used"
    leaving = (ast.Try, ast.With, ast.Break, ast.Return, ast.Yield, ast.Await)
    if any(isinstance(part, leaving) for body in loop.body for part in ast.walk(body)):
        return "the loop can be left, or closes what it opened"
    if isinstance(loop, ast.While) and isinstance(loop.test, ast.Constant):
        return "the loop does not end by itself"
    names = (name, f"all_{name}", f"lazy_{name}")
    kept = next((name for name in names if name not in program.names), None)
    node = codemod.at(cst.Call, program.place(cell, made.value))
    around = codemod.statement(program.place(cell, loop))
    if kept is None or node is None or around is None:
        return "the loop could not be changed as it is written"
    function = compute_function(program, codemod)
    if function is None:
        return "the name dask is something else here: import it by another name"
    adds = cst.Attribute(cst.Name(kept), cst.Name("append"))
    codemod.change(node, lambda call: cst.Call(adds, [cst.Arg(lazily(call))]))
    after = cst.parse_statement(f"{function}(*{kept})")
    codemod.change(
        around,
        lambda written: cst.FlattenSentinel([*preceded(written, [f"{kept} = []"]).nodes, after]),
    )
    return None

"""What was waited for in each pass of a loop, waited for once after it."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any, cast

import libcst as cst

from dask_lens.record.cell import Place
from dask_lens.rewrite import Change
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.rewrites._collecting import Collecting, collecting, is_first, is_orderless
from dask_lens.source.loops import COMPREHENSIONS, Comprehension, loop_of
from dask_lens.source.program import Program
from dask_lens.source.waits import Wait, waits
from dask_lens.source.words import words

#: Functions that take all items of a generator before they return.
_TAKES_ALL = words("list tuple set sorted sum max min dict frozenset")
_COMPREHENSIONS: tuple[type[cst.CSTNode], ...] = (
    cst.ListComp,
    cst.SetComp,
    cst.DictComp,
    cst.GeneratorExp,
)


@dataclass(frozen=True)
class Joining:
    """How all is waited for together, as expressions in which ``_`` is what was collected.

    Parameters
    ----------
    to_list, to_dict
        Given a list or a dict, they return one.
    to_items
        Given a list, it returns something to go over.
    """

    to_list: str
    to_dict: str
    to_items: str


def wait_at(program: Program, place: Place, *how: str) -> Wait | None:
    """Return the wait of one of these kinds at a place, or on its line."""
    found = [
        w
        for w in waits(program)
        if w.cell == place.cell and w.node.lineno == place.line and w.how in how
    ]
    exact = [w for w in found if program.place(w.cell, w.node) == place]
    return next(iter([*exact, *found]), None)


def is_asked_itself(wait: Wait) -> bool:
    """Whether a lazy object is asked to compute itself: not a client, nor a future of one."""
    node = wait.call.node if wait.call is not None else None
    return node is not None and getattr(node.func, "attr", "") == "compute" and not node.args


def join_after_loop(
    program: Program, wait: Wait, joining: Joining, codemod: Codemod
) -> Change | str:
    """Move a wait behind its loop, or say why it stays.

    Parameters
    ----------
    program
        The cells.
    wait
        The wait, in a loop.
    joining
        How to wait for all of them.
    codemod
        Its cell.
    """
    loop = loop_of(program, wait.cell, wait.node, wait.inside)
    if loop is None:
        return "this is not in a loop any more"
    if loop.call is not None:
        return "the loop calls a function that waits: let it return before, by hand"
    if isinstance(loop.node, COMPREHENSIONS):
        return _in_comprehension(program, wait, loop.node, joining, codemod)
    plan = collecting(program, wait, loop)
    return plan if isinstance(plan, str) else _in_loop(program, wait, plan, joining, codemod)


def _lazy(found: cst.Call | cst.Subscript | cst.Await) -> cst.BaseExpression:
    """Return what a compute call, a ``result()`` or ``dask.compute(x)[0]`` waits for."""
    if isinstance(found, cst.Await):
        future = found.expression
        func = future.func if isinstance(future, cst.Call) else None
        asked = isinstance(func, cst.Attribute) and func.attr.value == "result"
        return func.value if asked and isinstance(func, cst.Attribute) else future
    node = cst.ensure_type(found.value if isinstance(found, cst.Subscript) else found, cst.Call)
    if isinstance(node.func, cst.Attribute) and not [a for a in node.args if a.keyword is None]:
        return node.func.value
    return node.args[0].value


def _in_loop(
    program: Program, wait: Wait, plan: Collecting, joining: Joining, codemod: Codemod
) -> Change | str:
    place = program.place(wait.cell, plan.computing)
    call = _waiting(codemod, place)
    loop = codemod.statement(program.place(wait.cell, plan.loop))
    if call is None or loop is None:
        return "the loop could not be found in the text"
    codemod.change(call, _lazy)
    name, template = plan.name, joining.to_dict if plan.is_dict else joining.to_list
    filled = _filled(template, cst.Name(name))
    added = cst.SimpleStatementLine([cst.Assign([cst.AssignTarget(cst.Name(name))], filled)])
    codemod.change(loop, lambda node: cst.FlattenSentinel([node, added]))
    return outcome({wait.cell: codemod}, plan.safety)


def _in_comprehension(
    program: Program, wait: Wait, loop: Comprehension, joining: Joining, codemod: Codemod
) -> Change | str:
    element = loop.value if isinstance(loop, ast.DictComp) else loop.elt
    unpacked = is_first(element, wait) and getattr(element, "value", None) is wait.node
    if not unpacked and not _is_element(element, wait):
        return "the value is used within the comprehension: compute before it, by hand"
    if any(generator.is_async for generator in loop.generators):
        return "an asynchronous comprehension is left as it is"
    call = _waiting(codemod, program.place(wait.cell, element))
    comprehensions = [n for kind in _COMPREHENSIONS for n in codemod.nodes(kind)]
    node = next((n for n in comprehensions if _element(n) is call), None)
    around = next(program.cells[wait.cell].parents(loop), None)
    taken = isinstance(around, ast.Call) and ast.unparse(around.func) in _TAKES_ALL
    if isinstance(loop, ast.GeneratorExp) and not taken:
        return "a generator computes one by one as it is asked"
    if node is None or call is None:
        return "the comprehension could not be found in the text"
    codemod.change(call, _lazy)
    codemod.change(node, lambda updated: _together(updated, joining))
    return outcome({wait.cell: codemod}, "same" if is_orderless(wait) else "ask")


def _waiting(codemod: Codemod, place: Place) -> cst.Call | cst.Subscript | cst.Await | None:
    """Return the expression that waits at a place."""
    kinds: tuple[Any, ...] = (cst.Await, cst.Call, cst.Subscript)
    return next((node for kind in kinds if (node := codemod.at(kind, place)) is not None), None)


def _element(node: cst.CSTNode) -> cst.BaseExpression | None:
    found = getattr(node, "value" if isinstance(node, cst.DictComp) else "elt", None)
    return found if isinstance(found, cst.BaseExpression) else None


def _is_element(element: ast.expr, wait: Wait) -> bool:
    if wait.call is not None and wait.call.name == "dask.compute":
        return False
    return wait.node in (element, element.value if isinstance(element, ast.Await) else None)


def _together(node: Any, joining: Joining) -> cst.BaseExpression:
    """Return one wait for all that a comprehension makes."""
    if isinstance(node, cst.DictComp):
        return _filled(joining.to_dict, node)
    if isinstance(node, cst.ListComp):
        return _filled(joining.to_list, node)
    joined = _filled(joining.to_items, cst.ListComp(node.elt, node.for_in))
    return joined if isinstance(node, cst.GeneratorExp) else _filled("set(_)", joined)


def _filled(template: str, value: cst.BaseExpression) -> cst.BaseExpression:
    expression = cst.parse_expression(template)
    blank = next(n for n in _walk(expression) if isinstance(n, cst.Name) and n.value == "_")
    return cast("cst.BaseExpression", expression.deep_replace(blank, value))


def _walk(node: cst.CSTNode) -> list[cst.CSTNode]:
    found = [node]
    for child in node.children:
        found += _walk(child)
    return found

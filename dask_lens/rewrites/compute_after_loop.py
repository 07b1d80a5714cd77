"""Collect lazy objects in a loop, and compute them together after it.

It is ``same`` where the loop does nothing else than make lazy objects and keep them: then the
order in which they are computed cannot be told from the result.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any, cast

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.rewrites._collecting import Collecting, collecting
from dask_lens.rewrites._dask_name import compute_function
from dask_lens.source.loops import COMPREHENSIONS, Comprehension, loop_of
from dask_lens.source.program import Program, read
from dask_lens.source.waits import Wait, waits

rewrite = Rewrite(__name__, title="Compute together after the loop")

#: Functions that take all items of a generator before they return.
_TAKES_ALL = frozenset(
    {"list", "tuple", "set", "sorted", "sum", "max", "min", "dict", "frozenset"}
)
_COMPREHENSIONS: tuple[type[cst.CSTNode], ...] = (
    cst.ListComp,
    cst.SetComp,
    cst.DictComp,
    cst.GeneratorExp,
)


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Move the wait of the line at ``place`` behind its loop."""
    program = read(cells)
    wait = _wait_at(program, place)
    if wait is None or wait.call is None or wait.how != "compute" or _is_of_client(wait):
        return "only .compute() and dask.compute() can be moved out of a loop"
    loop = loop_of(program, wait.cell, wait.node, wait.inside)
    if loop is None:
        return "this is not in a loop any more"
    if loop.call is not None:
        return "the loop calls a function that computes: let it return the lazy object, by hand"
    codemod = Codemod(cells[place.cell].source)
    if isinstance(loop.node, COMPREHENSIONS):
        return _in_comprehension(program, wait, loop.node, codemod)
    plan = collecting(program, wait, loop)
    return plan if isinstance(plan, str) else _in_loop(program, wait, plan, codemod)


def _wait_at(program: Program, place: Place) -> Wait | None:
    found = [w for w in waits(program) if w.cell == place.cell and w.node.lineno == place.line]
    exact = [w for w in found if program.place(w.cell, w.node) == place]
    explicit = [w for w in found if w.how == "compute"]
    return next(iter([*exact, *explicit, *found]), None)


def _is_of_client(wait: Wait) -> bool:
    return wait.call is not None and wait.call.name.startswith("distributed.")


def _options(program: Program, wait: Wait) -> str:
    """Return the keywords of a compute call, as text to go behind the other arguments."""
    keywords = wait.call.node.keywords if wait.call is not None else []
    code = program.cells[wait.cell].code
    return "".join(
        f", {k.arg + '=' if k.arg else '**'}{ast.get_source_segment(code, k.value)}"
        for k in keywords
    )


def _lazy(found: cst.Call | cst.Subscript) -> cst.BaseExpression:
    """Return what a compute call, or ``dask.compute(x)[0]``, computes."""
    node = cst.ensure_type(found.value if isinstance(found, cst.Subscript) else found, cst.Call)
    if isinstance(node.func, cst.Attribute) and not [a for a in node.args if a.keyword is None]:
        return node.func.value
    return node.args[0].value


def _in_loop(program: Program, wait: Wait, plan: Collecting, codemod: Codemod) -> Change | str:
    place = program.place(wait.cell, plan.computing)
    call = codemod.at(cst.Call, place) or codemod.at(cst.Subscript, place)
    loop = codemod.statement(program.place(wait.cell, plan.loop))
    function = compute_function(program, codemod)
    if function is None:
        return "the name dask is something else here: import it by another name"
    if call is None or loop is None or wait.call is None:
        return "the loop could not be found in the text"
    codemod.change(call, _lazy)
    name, options = plan.name, _options(program, wait)
    if plan.is_dict:
        text = f"{name} = {function}({name}{options})[0]"
    else:
        text = f"{name} = list({function}(*{name}{options}))"
    added = cst.parse_statement(text)
    codemod.change(loop, lambda node: cst.FlattenSentinel([node, added]))
    return outcome({wait.cell: codemod}, plan.safety)


def _in_comprehension(
    program: Program, wait: Wait, loop: Comprehension, codemod: Codemod
) -> Change | str:
    element = loop.value if isinstance(loop, ast.DictComp) else loop.elt
    if not _is_element(element, wait):
        return "the value is used within the comprehension: compute before it, by hand"
    if any(generator.is_async for generator in loop.generators):
        return "an asynchronous comprehension is left as it is"
    call = codemod.at(cst.Call, program.place(wait.cell, wait.node))
    comprehensions = [n for kind in _COMPREHENSIONS for n in codemod.nodes(kind)]
    node = next((n for n in comprehensions if _element(n) is call), None)
    around = next(program.cells[wait.cell].parents(loop), None)
    taken = isinstance(around, ast.Call) and ast.unparse(around.func) in _TAKES_ALL
    if isinstance(loop, ast.GeneratorExp) and not taken:
        return "a generator computes one by one as it is asked"
    if node is None or call is None or wait.call is None:
        return "the comprehension could not be found in the text"
    function = compute_function(program, codemod)
    if function is None:
        return "the name dask is something else here: import it by another name"
    codemod.change(call, _lazy)
    options = _options(program, wait)
    codemod.change(node, lambda updated: _together(updated, function, options))
    return outcome({wait.cell: codemod}, "same" if wait.known else "ask")


def _element(node: cst.CSTNode) -> cst.BaseExpression | None:
    found = getattr(node, "value" if isinstance(node, cst.DictComp) else "elt", None)
    return found if isinstance(found, cst.BaseExpression) else None


def _is_element(element: ast.expr, wait: Wait) -> bool:
    call = wait.call
    if call is None or call.name == "dask.compute":
        return False
    return element is wait.node


def _together(node: Any, function: str, options: str) -> cst.BaseExpression:
    """Return ``dask.compute`` of what a comprehension makes."""
    if isinstance(node, cst.DictComp):
        return _filled(f"{function}(_{options})[0]", node)
    inner = cst.ListComp(node.elt, node.for_in)
    if isinstance(node, cst.GeneratorExp):
        return _filled(f"{function}(*_{options})", inner)
    made = "list" if isinstance(node, cst.ListComp) else "set"
    if isinstance(node, cst.ListComp):
        inner = node
    return _filled(f"{made}({function}(*_{options}))", inner)


def _filled(template: str, value: cst.BaseExpression) -> cst.BaseExpression:
    expression = cst.parse_expression(template)
    blank = next(n for n in _walk(expression) if isinstance(n, cst.Name) and n.value == "_")
    return cast("cst.BaseExpression", expression.deep_replace(blank, value))


def _walk(node: cst.CSTNode) -> list[cst.CSTNode]:
    found = [node]
    for child in node.children:
        found += _walk(child)
    return found

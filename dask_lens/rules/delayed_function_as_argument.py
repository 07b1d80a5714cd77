"""A lazy function is passed to a lazy call, which calls it.

``delayed(do_math)(1, 2, add)`` with a lazy ``add``: inside the task ``add`` is the plain function
again, so that every call of it runs there, one after another.

*Why it costs*: the calls that were meant to be tasks are steps of one task.

*When it is fine*: the plain function is what is wanted; the outer function is not lazy, so that
its calls become tasks; the argument is not called but passed on.

*References*: https://github.com/dask/dask/issues/10733; https://github.com/dask/dask/issues/3068
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.loops import names_in
from dask_lens.source.program import read
from dask_lens.source.values import contained

rule = Rule(
    __name__,
    code="DSK109",
    kind="slow",
    needs=("source", "tasks"),
    message=(
        "{outer} is given the lazy function {inner} and calls it inside its task, where it is "
        "the plain function: its calls run one after another there."
    ),
    advice="Call the outer function as it is, so that the calls in it become tasks.",
    rewrite=("call-plain",),
    dont="""
import dask
from dask import delayed

@delayed
def add(x, y):
    return x + y

def do_math(x, y, operation):
    return operation(operation(x, y), operation(y, y))
# %%
total = delayed(do_math)(1, 2, add)  # found here
# %%
result = total.compute(scheduler="sync")
""",
    do="""
import dask
from dask import delayed

@delayed
def add(x, y):
    return x + y

def do_math(x, y, operation):
    return operation(operation(x, y), operation(y, y))
# %%
total = do_math(1, 2, add)
# %%
result = total.compute(scheduler="sync")
""",
)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find lazy calls of functions that call an argument which is a lazy function."""
    del settings
    program = read(run.cells)
    for call in program.calls:
        made = call.result
        lazy = made is not None and made.is_instance(api.DELAYED_OBJECT)
        if (
            not lazy
            or made is None
            or made.call is not call.node
            or call.callee is None
            or run.observed not in (None, call.cell)
        ):
            continue
        inner = next((node for name, node in _lazy_arguments(call) if _calls(call, name)), None)
        if inner is not None:
            yield rule.finding(
                program.place(call.cell, call.node),
                certainty="seen" if _was_given(run, call) else "likely",
                fixes=(Fix("call-plain"),),
                outer=call.callee.name,
                inner=_name(inner),
            )


def _name(node: ast.expr) -> str:
    """Return what a lazy function is called, also in a list or a dict."""
    if isinstance(node, (ast.List, ast.Tuple, ast.Dict)):
        inside = [part for part in ast.walk(node) if isinstance(part, ast.Name)]
        return inside[0].id if inside else "that"
    return ast.unparse(node)


def _was_given(run: Run, call: Call) -> bool:
    """Whether a lazy call on these lines was seen to be given a lazy function."""
    lines = range(call.node.lineno, (call.node.end_lineno or call.node.lineno) + 1)
    return any(
        seen.name == api.DELAYED
        and bool(seen.facts.get("delayed"))
        and seen.place is not None
        and seen.place.cell == call.cell
        and seen.place.line in lines
        for seen in run.calls
    )


def _lazy_arguments(call: Call) -> Iterator[tuple[str, ast.expr]]:
    """Yield the parameters that are given lazy functions, with what they are given."""
    if call.callee is None or any(isinstance(node, ast.Starred) for node in call.node.args):
        return
    arguments = call.callee.node.args
    names = [parameter.arg for parameter in (*arguments.posonlyargs, *arguments.args)]
    for name, node, value in zip(names, call.node.args, call.arguments, strict=False):
        if contained(value, api.DELAYED_FUNCTION) is not None:
            yield name, node
    for keyword in call.node.keywords:
        value = call.keywords.get(keyword.arg or "")
        if keyword.arg and contained(value, api.DELAYED_FUNCTION) is not None:
            yield keyword.arg, keyword.value


def _calls(call: Call, parameter: str) -> bool:
    """Whether the function calls what it is given for a parameter, or what is in that."""
    parts = list(ast.walk(call.callee.node)) if call.callee is not None else []
    called = {parameter}
    for part in parts:
        if isinstance(part, (ast.For, ast.comprehension)) and _is(part.iter, parameter):
            called |= names_in(part.target)
    return any(
        isinstance(part, ast.Call) and any(_is(part.func, name) for name in called)
        for part in parts
    )


def _is(node: ast.expr, name: str) -> bool:
    """Whether this is a name, or a part of what has it."""
    named = node.value if isinstance(node, ast.Subscript) else node
    return isinstance(named, ast.Name) and named.id == name

"""Give each task a generator of random numbers of its own: ``rng.spawn(n)``."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._codemod import Codemod, outcome
from dask_lens.source.calls import Call
from dask_lens.source.free import free_names
from dask_lens.source.loops import COMPREHENSIONS, loop_around
from dask_lens.source.program import Program, read

rewrite = Rewrite(__name__, title="A generator for each task (rng.spawn)")

_SPAWNS = "numpy.random.Generator"
_SUBMIT = "distributed.Client.submit"
_MAP = "distributed.Client.map"
_PARAMETER = "the function would need another parameter: give it one for its generator"
_ONLY_NEW = "only NumPy's generators (np.random.default_rng) can be split: make one first"


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Spawn as many generators as there are tasks, and hand out one to each."""
    program = read(cells)
    calls = [
        call
        for name in (_SUBMIT, _MAP)
        for call in program.by_name.get(name, ())
        if call.cell == place.cell and call.node.lineno == place.line
    ]
    if not calls:
        return "no submit or map of a client stands on this line"
    [call, *_rest] = calls
    name = _generator(program, call)
    if name is None:
        return _PARAMETER if _reads_one(program, call) else _ONLY_NEW
    codemod = Codemod(cells[place.cell].source)
    child = _unused("child", program.names)
    if call.name == _MAP:
        reason = _spread(program, codemod, call, name)
    else:
        reason = _hand_out(program, codemod, call, name, child)
    return reason or outcome({place.cell: codemod}, "ask")


def _generator(program: Program, call: Call) -> str | None:
    """Return the name of the generator, one that can be split, that a call sends along."""
    spawning = _spawning(program)
    own = {node.arg for node in ast.walk(call.node) if isinstance(node, ast.arg)}
    for node in ast.walk(call.node):
        if isinstance(node, ast.Name) and node.id in spawning - own:
            return node.id
    return None


def _spawning(program: Program) -> set[str]:
    return {
        name
        for name, value in program.scope.names.items()
        if value is not None and value.is_instance(_SPAWNS)
    }


def _reads_one(program: Program, call: Call) -> bool:
    """Whether the function that is sent reads such a generator from around it."""
    function = call.arguments[0].function if call.arguments and call.arguments[0] else None
    return function is not None and bool({*free_names(function.node)} & _spawning(program))


def _hand_out(program: Program, codemod: Codemod, call: Call, name: str, child: str) -> str | None:
    """Loop over spawned generators in the place of numbers that only count."""
    loop = loop_around(program.cells[call.cell], call.node)
    if isinstance(loop, ast.While) or loop is None:
        return "it is not known how many tasks there are"
    if isinstance(loop, COMPREHENSIONS):
        if len(loop.generators) != 1 or loop.generators[0].ifs:
            return "the comprehension has more than one part"
        target, source = loop.generators[0].target, loop.generators[0].iter
    else:
        target, source = loop.target, loop.iter
    number = _count(program, source)
    if number is None or not isinstance(target, ast.Name):
        return "the loop does not count with range(n)"
    names = [
        codemod.at(cst.Name, program.place(call.cell, node))
        for node in ast.walk(call.node)
        if isinstance(node, ast.Name) and node.id == name
    ]
    counted = codemod.at(cst.Name, program.place(call.cell, target))
    ranged = codemod.at(cst.Call, program.place(call.cell, source))
    if counted is None or ranged is None or None in names:
        return "the loop could not be found in the text"
    inside = set(ast.walk(target))
    used = any(
        isinstance(node, ast.Name) and node.id == target.id and node not in inside
        for node in ast.walk(loop)
    )
    spawned = f"{name}.spawn({number})"
    iterable = f"enumerate({spawned})" if used else spawned
    bound = f"{target.id}, {child}" if used else child
    codemod.change(ranged, lambda _: cst.parse_expression(iterable))
    codemod.change(counted, lambda _: _target(bound))
    for node in names:
        if node is not None:
            codemod.change(node, lambda _: cst.Name(child))
    return None


def _spread(program: Program, codemod: Codemod, call: Call, name: str) -> str | None:
    """Give the lambda of a map another argument, and the map the generators for it."""
    function = call.node.args[0]
    if not isinstance(function, ast.Lambda) or not call.node.args[1:]:
        return _PARAMETER
    number = _count(program, call.node.args[1]) or _length(call.node.args[1])
    arguments = function.args
    plain = not (arguments.vararg or arguments.kwonlyargs or arguments.kwarg or arguments.defaults)
    if number is None or not plain:
        return "it is not known how many tasks there are"
    node = codemod.at(cst.Lambda, program.place(call.cell, function))
    sent = codemod.at(cst.Call, program.place(call.cell, call.node))
    if node is None or sent is None:
        return "the call could not be found in the text"
    positional = sum(isinstance(a, ast.expr) for a in call.node.args)
    spawned = cst.Arg(cst.parse_expression(f"{name}.spawn({number})"))
    codemod.change(node, lambda updated: _with_parameter(updated, name))
    codemod.change(sent, lambda updated: _with_argument(updated, spawned, positional))
    return None


def _with_parameter(node: cst.Lambda, name: str) -> cst.Lambda:
    *before, last = node.params.params
    comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    added = cst.Param(cst.Name(name))
    parameters = [*before, last.with_changes(comma=comma), added]
    return node.with_changes(params=node.params.with_changes(params=parameters))


def _with_argument(node: cst.Call, added: cst.Arg, at: int) -> cst.Call:
    comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    before, after = list(node.args[:at]), list(node.args[at:])
    before[-1] = before[-1].with_changes(comma=comma)
    return node.with_changes(
        args=[
            *before,
            added.with_changes(comma=comma if after else cst.MaybeSentinel.DEFAULT),
            *after,
        ]
    )


def _target(text: str) -> cst.BaseExpression:
    return cst.parse_expression(text)


def _count(program: Program, node: ast.expr) -> str | None:
    """Return the number of passes of ``range(n)``, as it is written."""
    call = program.by_node.get(node) if isinstance(node, ast.Call) else None
    if call is None or call.name != "builtins.range" or len(call.node.args) != 1:
        return None
    return ast.unparse(call.node.args[0])


def _length(node: ast.expr) -> str | None:
    return f"len({node.id})" if isinstance(node, ast.Name) else None


def _unused(name: str, taken: frozenset[str]) -> str:
    candidates = (name, f"{name}_rng", *(f"{name}_{n}" for n in range(2, 1000)))
    return next(candidate for candidate in candidates if candidate not in taken)

"""Loops: what stands in one, and whether one pass needs what the pass before it computed."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.cell import ParsedCell
from dask_lens.source.program import Program
from dask_lens.source.values import Function

Comprehension: TypeAlias = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
LoopNode: TypeAlias = ast.For | ast.AsyncFor | ast.While | Comprehension

COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_STATEMENTS = (ast.For, ast.AsyncFor, ast.While)
_FEW = 2
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


@dataclass(frozen=True)
class Loop:
    """A loop, and what is done again and again in it.

    Parameters
    ----------
    node
        The loop in the syntax tree.
    cell
        Index of its cell.
    repeated
        The expression in its body: what was asked for, or the call of a function that does it.
    call
        The call of the function of the notebook that holds what was asked for; None where it
        stands in the loop itself.
    """

    node: LoopNode
    cell: int
    repeated: ast.expr
    call: Call | None = None

    @property
    def body(self) -> Sequence[ast.stmt]:
        """The statements of the loop; none for a comprehension."""
        return self.node.body if isinstance(self.node, _STATEMENTS) else ()

    @property
    def targets(self) -> set[str]:
        """The names that each pass binds anew."""
        if isinstance(self.node, ast.While):
            return set()
        if isinstance(self.node, (ast.For, ast.AsyncFor)):
            return names_in(self.node.target)
        return set().union(*(names_in(g.target) for g in self.node.generators))

    def parts(self) -> Iterator[ast.AST]:
        """Yield every node that is run again with each pass."""
        once = None if isinstance(self.node, _STATEMENTS) else self.node.generators[0].iter
        nodes: list[ast.AST] = [*(self.body or (self.node,))]
        for node in nodes:
            yield node
            nodes.extend(child for child in ast.iter_child_nodes(node) if child is not once)


def is_short(loop: LoopNode) -> bool:
    """Whether it is written down that there are two passes at most."""
    if isinstance(loop, ast.While):
        return False
    over = loop.iter if isinstance(loop, _STATEMENTS) else loop.generators[0].iter
    return isinstance(over, (ast.List, ast.Tuple)) and len(over.elts) <= _FEW


def loop_around(cell: ParsedCell, node: ast.AST) -> LoopNode | None:
    """Return the innermost loop that runs ``node`` again and again, in the same function."""
    child: ast.AST = node
    before: ast.AST = node
    for parent in cell.parents(node):
        if isinstance(parent, _STATEMENTS):
            if _repeats(parent, child):
                return parent
        elif isinstance(parent, COMPREHENSIONS):
            # What the first ``for`` of a comprehension goes over is worked out once.
            first = parent.generators[0]
            if not (child is first and before is first.iter):
                return parent
        elif isinstance(parent, _SCOPES):
            return None
        before, child = child, parent
    return None


def _repeats(loop: ast.For | ast.AsyncFor | ast.While, child: ast.AST) -> bool:
    if isinstance(loop, ast.While) and child is loop.test:
        return True
    return any(child is statement for statement in loop.body)


@functools.lru_cache(maxsize=8)
def _callers(program: Program) -> dict[Function, tuple[Call, ...]]:
    found: dict[Function, list[Call]] = {}
    for call in program.calls:
        called = call.callee
        mapped = call.arguments[0] if call.name == "builtins.map" and call.arguments else None
        if mapped is not None and mapped.kind == "function":
            called = mapped.function
        made = call.result
        lazily = (
            made is not None and made.is_instance(api.DELAYED_OBJECT) and made.call is call.node
        )
        if called is not None and not lazily:
            found.setdefault(called, []).append(call)
    return {function: tuple(calls) for function, calls in found.items()}


def callers(program: Program, function: Function) -> tuple[Call, ...]:
    """Return the calls that run a function of the notebook; lazy ones do not."""
    return _callers(program).get(function, ())


def loop_of(
    program: Program, cell: int, node: ast.expr, inside: Function | None, depth: int = 3
) -> Loop | None:
    """Return the loop that an expression is run in, itself or through the calls of its function.

    Parameters
    ----------
    program
        The cells.
    cell, node
        The expression.
    inside
        The function it stands in.
    depth
        How many functions, one calling the other, are looked through.
    """
    around = loop_around(program.cells[cell], node)
    if around is not None:
        return Loop(around, cell, node)
    if inside is None or depth == 0:
        return None
    for call in callers(program, inside):
        if call.name == "builtins.map":
            return Loop(_mapping(call, inside), call.cell, call.node, call)
        found = loop_of(program, call.cell, call.node, call.inside, depth - 1)
        if found is not None:
            return Loop(found.node, found.cell, found.repeated, call)
    return None


def _mapping(call: Call, function: Function) -> ast.GeneratorExp:
    """Return the comprehension that ``map`` of a function stands for."""
    parameters = function.node.args.args
    target = ast.Name(parameters[0].arg if parameters else "_", ast.Store())
    generators = [ast.comprehension(target, over, [], 0) for over in call.node.args[1:2]]
    return ast.copy_location(ast.GeneratorExp(call.node.args[0], generators), call.node)


def names_in(node: ast.AST | None) -> set[str]:
    """Return the names in an expression, ``self.x`` as one name."""
    found: set[str] = set()
    if node is None:
        return found
    waiting = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
            found.add(f"self.{part.attr}" if part.value.id == "self" else part.value.id)
            continue
        if isinstance(part, ast.Name):
            found.add(part.id)
        waiting += ast.iter_child_nodes(part)
    return found

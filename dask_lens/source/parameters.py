"""What the parameters of a function are known to be before it is called."""

from __future__ import annotations

import ast
import functools

from dask_lens.source import api
from dask_lens.source.expressions import Expressions
from dask_lens.source.values import GIVEN, NONE, FunctionNode, Scope, Value, instance, iterator

#: Methods by which a client of Dask is told from other things, together with what takes its
#: futures: pools have no ``gather``, and of no others are futures taken by Dask.
_SENDS = frozenset({"map", "submit"})
_TAKES = frozenset(
    f"distributed.{name}" for name in ("as_completed", "fire_and_forget", "progress", "wait")
)
#: Annotations that tell a collection; those of xarray may hold anything.
_LAZY = (api.ARRAY, *api.FRAMES, api.BAG, api.DELAYED_OBJECT)


def parameter_values(
    node: FunctionNode, expressions: Expressions, owner: Value | None = None
) -> dict[str, Value | None]:
    """Return what the parameters of a function are known to be by annotation or default.

    Parameters
    ----------
    node
        Its definition.
    expressions
        Evaluates annotations and defaults.
    owner
        The object that the first parameter is, for a method.
    """
    arguments = node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(positional) - len(arguments.defaults)) + list(arguments.defaults)
    known: dict[str, Value | None] = {}
    pairs = zip(
        [*positional, *arguments.kwonlyargs], [*defaults, *arguments.kw_defaults], strict=True
    )
    for parameter, default in pairs:
        annotated = expressions.value(_spelled_out(parameter.annotation))
        given = expressions.value(default)
        kind = annotated.name if annotated is not None and annotated.kind == "name" else ""
        if kind in _LAZY:
            known[parameter.arg] = Value("instance", kind, serial=GIVEN)
        elif kind in api.RETURNS:
            known[parameter.arg] = instance(kind)
        elif given is not None and (given.kind == "instance" or given is NONE):
            known[parameter.arg] = given
        else:
            known[parameter.arg] = None
    for name in _clients(node, expressions, known):
        known[name] = instance(api.CLIENT)
    if owner is not None and positional:
        known[positional[0].arg] = owner
    for rest in (arguments.vararg, arguments.kwarg):
        if rest is not None:
            known[rest.arg] = iterator(None)
    return known


def _clients(
    node: FunctionNode, expressions: Expressions, known: dict[str, Value | None]
) -> list[str]:
    """Return the parameters that a function uses as clients of Dask, and of nothing else."""
    asked, called = _asked(node)
    found = [
        name
        for name, methods in asked.items()
        if name in known and known[name] in (None, NONE) and methods & _SENDS
    ]
    if not found:
        return []
    awaited = not {_named(part, expressions) for part in called}.isdisjoint(_TAKES)
    gathers = [name for name in found if "gather" in asked[name]]
    return found if awaited else gathers if gathers and _knows_dask(expressions.scope) else []


def _knows_dask(scope: Scope | None) -> bool:
    """Whether anything of Dask is imported where a function stands."""
    while scope is not None:
        for value in scope.names.values():
            if value is not None and value.name.partition(".")[0] in ("dask", "distributed"):
                return True
        scope = scope.parent
    return False


def _named(func: ast.expr, expressions: Expressions) -> str:
    """Return the qualified name of what is called; empty where it has none."""
    if isinstance(func, ast.Attribute):
        owner = _named(func.value, expressions)
        return api.canonical(f"{owner}.{func.attr}") if owner else ""
    value = expressions.value(func) if isinstance(func, ast.Name) else None
    return value.name if value is not None and value.kind == "name" else ""


@functools.lru_cache(maxsize=2048)
def _asked(node: FunctionNode) -> tuple[dict[str, set[str]], tuple[ast.expr, ...]]:
    """Return the methods that are called of plain names, and the plain functions called."""
    asked: dict[str, set[str]] = {}
    called: list[ast.expr] = []
    for part in ast.walk(node):
        if not isinstance(part, ast.Call):
            continue
        func = part.func
        if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name):
            asked.setdefault(func.value.id, set()).add(func.attr)
            called.append(func)
        elif isinstance(func, ast.Name):
            called.append(func)
    return asked, tuple(called)


def _spelled_out(annotation: ast.expr | None) -> ast.expr | None:
    """Return what an annotation says that is written as a text."""
    if not isinstance(annotation, ast.Constant) or not isinstance(annotation.value, str):
        return annotation
    try:
        return ast.parse(annotation.value.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None

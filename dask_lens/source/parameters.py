"""What the parameters of a function are known to be before it is called."""

from __future__ import annotations

import ast

from dask_lens.source import api
from dask_lens.source.expressions import Expressions
from dask_lens.source.values import GIVEN, NONE, FunctionNode, Value, instance, iterator

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
    if owner is not None and positional:
        known[positional[0].arg] = owner
    for rest in (arguments.vararg, arguments.kwarg):
        if rest is not None:
            known[rest.arg] = iterator(None)
    return known


def _spelled_out(annotation: ast.expr | None) -> ast.expr | None:
    """Return what an annotation says that is written as a text."""
    if not isinstance(annotation, ast.Constant) or not isinstance(annotation.value, str):
        return annotation
    try:
        return ast.parse(annotation.value.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None

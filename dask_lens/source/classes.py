"""Classes of the notebook, and the objects they make."""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable
from typing import TypeAlias

from dask_lens.source.values import Function, FunctionNode, Members, Value

Read: TypeAlias = Callable[[Function, ast.Call, "list[Value | None]"], "Value | None"]

#: Under this name, which no attribute has, a class keeps an object of its own.
_OWNER = ""
_NO_CALL = ast.Call(ast.Name("_", ast.Load()), [], [])


def inherited(parents: list[Value | None]) -> Members:
    """Return what a class has from its parents."""
    members = Members()
    for parent in reversed(parents):
        if parent is not None and parent.members is not None:
            members.update(parent.members)
    return members


def complete(name: str, owner: Value, own: dict[str, Value | None], read: Read) -> Value:
    """Return a class, once its methods were read for the attributes that they set.

    Parameters
    ----------
    name
        Its name.
    owner
        An object of it, with what it has from its parents.
    own
        What its body defines.
    read
        Reads the body of a function.
    """
    members = owner.members if owner.members is not None else Members()
    members.update({**own, _OWNER: owner})
    members.growing = True
    for value in list(members.values()):
        function = value.function if value is not None else None
        if function is not None and function.is_bound and _sets_attributes(function.node):
            read(function, _NO_CALL, [owner])
    members.growing = False
    return Value("class", name, members=members)


def constructed(
    members: Members, call: ast.Call, arguments: list[Value | None], read: Read
) -> Value | None:
    """Return the object that a call of a class makes.

    Parameters
    ----------
    members
        What is known of the class.
    call
        The call.
    arguments
        What is known of what is passed.
    read
        Reads the body of a function.
    """
    owner, init = members.get(_OWNER), members.get("__init__")
    telling = any(a is not None and a.kind != "data" for a in arguments)
    if owner is None or init is None or init.function is None or not telling:
        return owner
    made = Value("instance", owner.name, call=call, members=Members(members))
    if made.members is not None:
        made.members.growing = True
        read(init.function, call, [made, *arguments])
        made.members.growing = False
    return made


@functools.lru_cache(maxsize=4096)
def _sets_attributes(function: FunctionNode) -> bool:
    return any(
        isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
        for node in ast.walk(function)
    )

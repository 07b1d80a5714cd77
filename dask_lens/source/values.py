"""What a name or an expression is known to be."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

_MOST_LOOKED_AT = 200
_serials = itertools.count(1)
#: How deep an expression is taken apart.
_MOST_DEPTH = 12

FunctionNode: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


class Scope:
    """Names and what they are known to be, inside the scope around them.

    Parameters
    ----------
    parent
        The scope around this one; None for the notebook's own names.
    names
        Known values by name; None for a name that is bound to something unknown.
    """

    def __init__(
        self, parent: Scope | None = None, names: dict[str, Value | None] | None = None
    ) -> None:
        self.parent = parent
        self.names: dict[str, Value | None] = names if names is not None else {}

    def holder(self, name: str) -> Scope | None:
        """Return the scope that binds ``name``."""
        scope: Scope | None = self
        while scope is not None and name not in scope.names:
            scope = scope.parent
        return scope


@dataclass(frozen=True)
class Function:
    """A function or lambda that is defined in a cell.

    Parameters
    ----------
    node
        Its definition.
    cell
        Index of the cell that defines it.
    name
        Its name; ``"lambda"`` for a lambda.
    scope
        The names it sees.
    owner
        An object of the class that it is a method of; None for other functions.
    """

    node: FunctionNode
    cell: int
    name: str
    scope: Scope = field(compare=False, repr=False)
    owner: Value | None = field(default=None, compare=False, repr=False)

    @property
    def is_bound(self) -> bool:
        """Whether its first parameter is the object."""
        decorators = getattr(self.node, "decorator_list", ())
        plain = not any(
            getattr(d, "id", "") in ("staticmethod", "classmethod") for d in decorators
        )
        return self.owner is not None and plain


class Members(dict[str, "Value | None"]):
    """What is known of the methods and attributes of an object.

    Attributes
    ----------
    growing
        Whether the methods that set attributes are being read; afterwards it stays as it is.
    version
        How often something new has become known.
    """

    growing = False
    version = 0

    def keep(self, name: str, value: Value | None) -> None:
        """Note what an attribute is set to; of two that differ, nothing is known."""
        if not self.growing:
            return
        known = self.get(name)
        if known is not None and known is not NONE:
            value = join(known, value) if value is not None else known
        if name not in self or self[name] is not value:
            self[name] = value
            self.version += 1


@dataclass(frozen=True)
class Value:
    """Something known of a value; what is unknown is None, not a Value.

    Parameters
    ----------
    kind
        ``"name"``: what ``name`` imports, say the class ``distributed.Client``.
        ``"instance"``: an object of the type ``name``.
        ``"function"``: a function of the notebook.
        ``"items"``: a list, tuple, set, dict or iterator.
        ``"data"``: a plain value, neither lazy nor remote.
        ``"class"``: a class of the notebook.
    name
        The qualified name, as in :mod:`dask_lens.source.api`; ``"None"`` for the constant.
    function
        The function itself, or the function that a Delayed or a Future runs.
    item
        What every item is, for items whose items are alike, or the one of most interest.
    parts
        The items one by one, where their number is known; for an instance, what it was made
        from.
    call
        The call that made it.
    serial
        Tells two values apart that were made by one call in a loop; :data:`GIVEN` for what a
        function is called with.
    members
        Of a class of the notebook and its objects: what is known of methods and attributes.
    variable
        Of what was taken out of a Dataset: the name of the variable.
    part
        Of partitions, blocks or rows that were taken by a subscript: its text.
    entries
        What a dict holds by its keys, where all of them are written down; of a collection, what
        is known of columns and variables that were assigned to it.
    """

    kind: Literal["name", "instance", "function", "items", "data", "class"]
    name: str = ""
    function: Function | None = None
    item: Value | None = None
    parts: tuple[Value | None, ...] | None = field(default=None, compare=False, repr=False)
    call: ast.Call | None = field(default=None, compare=False, repr=False)
    serial: int = 0
    members: Members | None = field(default=None, compare=False, repr=False)
    variable: str = field(default="", compare=False, repr=False)
    part: str = field(default="", compare=False, repr=False)
    entries: Mapping[str, Value | None] | None = field(default=None, compare=False, repr=False)

    def is_instance(self, *names: str) -> bool:
        """Whether this is an object of one of these types."""
        return self.kind == "instance" and self.name in names


#: The ``serial`` of parameters: who knows how they were made.
GIVEN = -1

#: Stands among keyword arguments for those that ``**these`` may bring, and that cannot be read.
UNREAD = "**"

DATA = Value("data")
NONE = Value("data", "None")


def made(
    name: str,
    call: ast.Call,
    parts: Iterable[Value | None] | None = None,
    function: Function | None = None,
) -> Value:
    """Return an object that a call makes, told apart from all others that it makes.

    Parameters
    ----------
    name
        Its type.
    call
        The call.
    parts, function
        As for :class:`Value`.
    """
    known = tuple(parts) if parts is not None else None
    return Value("instance", name, function, parts=known, call=call, serial=next(_serials))


def instance(name: str, call: ast.Call | None = None, function: Function | None = None) -> Value:
    """Return an object of the type ``name``."""
    return Value("instance", name, function=function, call=call)


def items(parts: list[Value | None], *, counted: bool = True) -> Value:
    """Return a list, tuple or the like of these parts."""
    lead = next((p for p in parts if p is not None and p.kind != "data"), None)
    if lead is None and parts and all(p is not None for p in parts):
        lead = parts[0]
    return Value("items", item=lead, parts=tuple(parts) if counted else None)


def keyed(keys: Iterable[ast.expr | None], values: list[Value | None]) -> Value:
    """Return a dict of these keys, as they are written, and values."""
    names = [getattr(key, "value", None) for key in keys]
    known = {n: v for n, v in zip(names, values, strict=True) if isinstance(n, str)}
    return replace(
        items(values, counted=False), entries=known if len(known) == len(values) else None
    )


def unpacked(keywords: Iterable[tuple[str | None, Value | None]]) -> dict[str, Value | None]:
    """Return keyword arguments by name; for None, as ``**these`` has it, what a dict holds."""
    known: dict[str, Value | None] = {}
    for name, value in keywords:
        if name is not None:
            known[name] = value
        elif value is not None and value.entries is not None:
            known.update(value.entries)
        else:
            known[UNREAD] = None
    return known


def iterator(item: Value | None) -> Value:
    """Return a list or the like of unknown length."""
    return Value("items", item=item)


def join(one: Value | None, other: Value | None) -> Value | None:
    """Return what is known where either value may be meant."""
    if one is other or other is NONE:
        return one
    if one is NONE:
        return other
    if one is None or other is None or (one.kind, one.name) != (other.kind, other.name):
        return None
    if one.kind == "items":
        return iterator(one.item if one.item is not None else other.item)
    if one.function != other.function:
        return None if one.kind == "function" else replace(one, function=None, parts=None)
    return one if one.serial == other.serial else replace(one, parts=None)


def told_apart(item: Value | None, key: str) -> Value | None:
    """Return the item under ``key``, where ``item`` stands for all of a list's or dict's.

    What the same expression made with it is another one, too; what it was made from is not.
    """
    if item is None or item.kind != "instance" or item.call is None:
        return item
    inner = {id(node) for node in ast.walk(item.call) if isinstance(node, ast.Call)}
    return _told_apart(item, key, inner, _MOST_DEPTH)


def _told_apart(item: Value, key: str, inner: set[int], depth: int) -> Value:
    if item.kind != "instance" or (item.call is not None and id(item.call) not in inner):
        return item
    parts = item.parts
    if parts is not None and depth:
        parts = tuple(p and _told_apart(p, key, inner, depth - 1) for p in parts)
    return replace(item, parts=parts, serial=hash((item.serial, key)))


def contained(value: Value | None, *names: str) -> Value | None:
    """Return the first object of these types in ``value``, itself or inside items."""
    left = [value]
    for _ in range(_MOST_LOOKED_AT):
        if not left:
            return None
        value = left.pop()
        if value is None:
            continue
        if value.is_instance(*names):
            return value
        if value.kind == "items":
            left += [value.item, *reversed(value.parts or ())]
    return None

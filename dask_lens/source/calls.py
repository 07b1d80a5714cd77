"""Calls and function bodies, with what is known of them."""

from __future__ import annotations

import ast
import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from dask_lens.source.values import Function, Value

#: To sort by.
POSITION = attrgetter("position")


class Placed:
    """What stands in the text of a cell."""

    node: ast.expr
    cell: int

    @property
    def position(self) -> tuple[int, int, int]:
        """Cell, line and column, to be compared with those of others."""
        return (self.cell, self.node.lineno, self.node.col_offset)


@dataclass(frozen=True)
class Call(Placed):
    """A call with its names resolved.

    Parameters
    ----------
    node
        The call in the syntax tree.
    cell
        Index of its cell.
    name
        Qualified name of what is called, methods by the type of their object:
        ``"dask.compute"``, ``"distributed.Client.submit"``; empty where not known.
    receiver
        The object whose method is called.
    callee
        The function of the notebook that is called.
    arguments
        What is known of each positional argument; of ``*these``, the list itself.
    keywords
        What is known of each keyword argument; of ``**these``, what a dict holds whose keys
        are written down, and otherwise :data:`.UNREAD`.
    inside
        The function that the call stands in; None at the top level of a cell.
    result
        What is known of the value.
    derived
        The object whose method is called, where all that is known of it is that an unknown
        function made it of something lazy.
    """

    node: ast.Call
    cell: int
    name: str = ""
    receiver: Value | None = None
    callee: Function | None = None
    arguments: tuple[Value | None, ...] = ()
    keywords: Mapping[str, Value | None] = field(default_factory=dict)
    inside: Function | None = None
    result: Value | None = None
    derived: Value | None = None

    @property
    def has_unpacked_keywords(self) -> bool:
        """Whether ``**kwargs`` may bring keywords that cannot be read."""
        return any(keyword.arg is None for keyword in self.node.keywords)

    def keyword(self, name: str) -> ast.expr | None:
        """Return the expression given for keyword ``name``."""
        return next((k.value for k in self.node.keywords if k.arg == name), None)

    def literal(self, name: str) -> Any:
        """Return the constant given for keyword ``name``; None where it is no constant."""
        given = self.keyword(name)
        return given.value if isinstance(given, ast.Constant) else None


@dataclass(frozen=True)
class Read:
    """An expression other than a call that makes Dask compute, or was meant to.

    Parameters
    ----------
    node
        The expression.
    cell
        Index of its cell.
    how
        ``"values"``: the attribute; ``"bool"``: asked whether it is true; ``"iterate"``: gone
        over by a loop; ``"await"``: a future, awaited; ``"shown"``: put into a text, which
        computes nothing.
    value
        What is computed.
    inside
        The function that it stands in; None at the top level of a cell.
    """

    node: ast.expr
    cell: int
    how: str
    value: Value
    inside: Function | None = None


@dataclass(frozen=True)
class Body:
    """A function's body, read.

    Parameters
    ----------
    calls
        The calls in it, without those of functions defined in it.
    functions
        The functions defined in it.
    bodies
        The bodies of the functions of the notebook that it calls.
    returns
        Each ``return`` (or a lambda's expression) with what is known of its value.
    result
        What a call gives.
    reads
        What else computes in it.
    """

    calls: tuple[Call, ...]
    functions: tuple[Function, ...]
    bodies: tuple[Body, ...]
    returns: tuple[tuple[ast.Return | ast.expr, Value | None], ...]
    result: Value | None
    reads: tuple[Read, ...] = ()


@dataclass(eq=False)
class Recorded:
    """What reading a cell or a function body brought to light."""

    calls: dict[ast.Call, Call] = field(default_factory=dict)
    functions: dict[ast.AST, Function] = field(default_factory=dict)
    bodies: list[Body] = field(default_factory=list)
    returns: list[tuple[ast.Return | ast.expr, Value | None]] = field(default_factory=list)
    yields: list[Value | None] = field(default_factory=list)
    reads: dict[ast.expr, Read] = field(default_factory=dict)

    def add(self, call: Call) -> None:
        """Keep a call; of two readings of one call, the one that knows more."""
        known = self.calls.get(call.node)
        if known is None or _knows(call) >= _knows(known):
            self.calls[call.node] = call

    def add_read(self, read: Read) -> None:
        """Keep what computes without a call."""
        self.reads[read.node] = read


def _knows(call: Call) -> tuple[bool, bool, int]:
    """Return how much a reading of a call knows of it."""
    given = sum(argument is not None for argument in call.arguments)
    return bool(call.name), call.receiver is not None, given


@functools.lru_cache(maxsize=2048)
def calls_something(node: ast.AST) -> bool:
    """Whether there is a call in ``node``."""
    return any(isinstance(child, ast.Call) for child in ast.walk(node))

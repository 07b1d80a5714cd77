"""Which part of a collection is computed: the first few rows, one element and another one."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dask_lens.source.lineage import shared
from dask_lens.source.waits import Wait

#: Rows that are looked at.
_FEW = 20
_PICKS = ("isel", "sel")


def is_glance(wait: Wait) -> bool:
    """Whether the first few rows are computed, to be looked at: ``x[:5].compute()``."""
    lazy = wait.lazies[0] if len(wait.lazies) == 1 else None
    index = lazy.slice if isinstance(lazy, ast.Subscript) else None
    first = index.elts[0] if isinstance(index, ast.Tuple) and index.elts else index
    upper = first.upper if isinstance(first, ast.Slice) and first.lower is None else None
    number = upper.value if isinstance(upper, ast.Constant) else None
    return type(number) is int and 0 < number <= _FEW


def are_apart(one: Wait, other: Wait) -> bool:
    """Whether two computations are of different elements of the same: ``x[0]`` and ``x[1]``."""
    for value in shared(one.values, other.values):
        made = [part for part in value.parts or () if part is not None and part.kind != "data"]
        if made and not value.variable:
            return False  # what was worked out for all elements is shared
    mine, theirs = (dict(_picked(w.lazies[0])) if w.lazies else {} for w in (one, other))
    return any(mine[what] != theirs[what] for what in mine.keys() & theirs.keys())


def _picked(node: ast.expr) -> Iterator[tuple[str, str]]:
    """Yield what elements are taken of, in a chain, and which."""
    chain: ast.AST = node
    while isinstance(chain, (ast.Attribute, ast.Call, ast.Subscript)):
        if isinstance(chain, ast.Subscript) and _is_element(chain.slice):
            yield ast.unparse(chain.value), ast.unparse(chain.slice)
        func = chain.func if isinstance(chain, ast.Call) else None
        picks = isinstance(func, ast.Attribute) and func.attr in _PICKS
        given = chain.keywords if isinstance(chain, ast.Call) and picks else []
        if given and all(_is_element(k.value) for k in given):
            yield ast.unparse(func or chain), str([ast.unparse(k) for k in given])
        chain = chain.func if isinstance(chain, ast.Call) else chain.value


def _is_element(index: ast.expr) -> bool:
    """Whether an index is a number, or begins with one."""
    first = index.elts[0] if isinstance(index, ast.Tuple) and index.elts else index
    if isinstance(first, ast.UnaryOp):
        first = first.operand
    return isinstance(first, ast.Constant) and type(first.value) is int

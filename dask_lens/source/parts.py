"""Whether the first few rows of a collection are computed."""

from __future__ import annotations

import ast

from dask_lens.source.waits import Wait

#: Rows that are looked at.
_FEW = 20


def is_glance(wait: Wait) -> bool:
    """Whether the first few rows are computed, to be looked at: ``x[:5].compute()``."""
    lazy = wait.lazies[0] if len(wait.lazies) == 1 else None
    index = lazy.slice if isinstance(lazy, ast.Subscript) else None
    first = index.elts[0] if isinstance(index, ast.Tuple) and index.elts else index
    upper = first.upper if isinstance(first, ast.Slice) and first.lower is None else None
    number = upper.value if isinstance(upper, ast.Constant) else None
    return type(number) is int and 0 < number <= _FEW

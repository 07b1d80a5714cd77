"""What several numbers are read off: worked out once for each computation while it is judged."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar

from dask_lens.record.computation import Computation

T = TypeVar("T")

_here = threading.local()


@contextmanager
def once_each() -> Iterator[None]:
    """Work out what is marked with :func:`once` a single time for each computation, within.

    It is forgotten at the end: of a large computation it takes as much memory as its tasks.
    """
    before = getattr(_here, "known", None)
    _here.known = {} if before is None else before
    try:
        yield
    finally:
        _here.known = before


def once(read_off: Callable[[Computation], T]) -> Callable[[Computation], T]:
    """Mark what is asked of the same computation again and again; nobody may change it."""

    @wraps(read_off)
    def known_or_new(computation: Computation) -> T:
        known: dict[Any, tuple[Computation, T]] | None = getattr(_here, "known", None)
        if known is None:
            return read_off(computation)
        mark = read_off, id(computation)
        if mark not in known:  # with the computation, so that no other one gets its id
            known[mark] = computation, read_off(computation)
        return known[mark][1]

    return known_or_new

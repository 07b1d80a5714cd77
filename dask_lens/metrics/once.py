"""What several numbers are read off: worked out once for each computation while it is judged."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar

S = TypeVar("S")
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


def once(read_off: Callable[[S], T]) -> Callable[[S], T]:
    """Mark what is asked of the same computation, or graph, again and again.

    Nobody may change what is returned.
    """

    @wraps(read_off)
    def known_or_new(subject: S) -> T:
        known: dict[Any, tuple[S, T]] | None = getattr(_here, "known", None)
        if known is None:
            return read_off(subject)
        mark = read_off, id(subject)
        if mark not in known:  # with the subject, so that no other one gets its id
            known[mark] = subject, read_off(subject)
        return known[mark][1]

    return known_or_new

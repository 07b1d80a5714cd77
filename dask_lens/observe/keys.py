"""Runs in the kernel and, sent by value, on schedulers: keys as text, alike on both sides."""

from __future__ import annotations

from collections.abc import Iterable

#: Characters of a key that are kept; its end, which makes it unique, always is.
LENGTH = 200


def text(key: object) -> str:
    """Return a key as text, with the middle of very long ones left out."""
    full = key if isinstance(key, str) else str(key)
    if len(full) <= LENGTH:
        return full
    return f"{full[: LENGTH // 2]}…{full[1 - LENGTH // 2 :]}"


def sample(keys: Iterable[object]) -> str | None:
    """Return the one of ``keys`` by which both sides recognise the set; None for no keys."""
    first = min(map(str, keys), default=None)
    return None if first is None else text(first)

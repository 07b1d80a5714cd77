"""Tables of words."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """Return the words of a text: a table that reads better in lines than in quotes."""
    return frozenset(text.split())

"""The catalogue of rules: one module each; the folder is the list."""

from __future__ import annotations

import functools
import sys

from dask_lens.rule import Rule
from dask_lens.shelf import members


@functools.cache
def catalogue() -> tuple[Rule, ...]:
    """Return every rule, by code."""
    rules: tuple[Rule, ...] = members(sys.modules[__name__], "rule")
    return tuple(sorted(rules, key=lambda rule: rule.code))


def find(name: str) -> Rule:
    """Return the rule called ``name`` (``"processes-small-batch"`` or ``"DSK201"``).

    Raises
    ------
    KeyError
        When there is no such rule.
    """
    wanted = name.strip().lower().replace("_", "-")
    for rule in catalogue():
        if wanted in (rule.name, rule.code.lower()):
            return rule
    raise KeyError(f"there is no rule {name!r}; `%lens rules` lists them")

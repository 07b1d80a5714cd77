"""The catalogue of rules: one module each; the folder is the list."""

from __future__ import annotations

import difflib
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
        When there is no such rule; the message names the nearest.
    """
    rule = _by_name().get(_plain(name))
    if rule is None:
        meant = nearest(name)
        way = (
            f"did you mean {meant}?" if meant else "`%lens rules` or `dask lens rules` lists them"
        )
        raise KeyError(f"there is no rule {name!r}; {way}")
    return rule


def exists(name: str) -> bool:
    """Whether there is a rule of this name or code."""
    return _plain(name) in _by_name()


def nearest(name: str) -> str | None:
    """Return the name of the rule that is written most like this one; None for none."""
    near = difflib.get_close_matches(_plain(name), _by_name(), n=1)
    return _by_name()[near[0]].name if near else None


def _plain(name: str) -> str:
    return name.strip().lower().replace("_", "-")


@functools.cache
def _by_name() -> dict[str, Rule]:
    return {name: rule for rule in catalogue() for name in (rule.name, rule.code.lower())}

"""Runs in the kernel: puts stand-ins in place of attributes, and the originals back."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

#: A module that passes the calls of comparisons on; who calls it is the caller.
BETWEEN = "dask_lens.compare.fresh"

#: Called with the frame of the caller (and, for methods, the instance) before the original.
Before = Callable[..., None]


class _Call:
    """What to call for ``tap(...)``: the original, after a look at who calls.

    As the look-up of ``__call__`` is over before the call begins, no frame of ours is below
    the user's and tracebacks stay as they are.
    """

    def __get__(self, tap: Tap | None, owner: type | None = None) -> Any:
        if tap is None:
            return self
        tap.before(sys._getframe(1))  # noqa: SLF001 - no public way to the caller
        return tap.original


class Tap:
    """A function that tells when it is called.

    Parameters
    ----------
    original
        The module-level function to stand in for.
    before
        Told the caller's frame; must not raise.
    """

    __call__ = _Call()

    def __init__(self, original: Callable[..., Any], before: Before) -> None:
        self.original = original
        self.before = before
        functools.update_wrapper(self, original)

    def __reduce__(self) -> str:
        return self.original.__qualname__


class MethodTap:
    """A method that tells when it is looked up on an instance, which is just before its call.

    Parameters
    ----------
    original
        What the class had in its ``__dict__``.
    before
        Told the caller's frame and the instance; must not raise.
    """

    def __init__(self, original: Any, before: Before) -> None:
        self.original = original
        self.before = before
        functools.update_wrapper(self, original)  # type: ignore[arg-type]  # callable enough

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is not None:
            caller = sys._getframe(1)  # noqa: SLF001 - no public way to the caller
            while caller.f_globals.get("__name__") == BETWEEN and caller.f_back is not None:
                caller = caller.f_back
            self.before(caller, instance)
        return self.original.__get__(instance, owner)


class Patches:
    """Attributes that were replaced, and how they were."""

    def __init__(self) -> None:
        self._made: list[tuple[Any, str, Any, Any]] = []
        self._inherited: set[int] = set()

    def put(self, owner: Any, name: str, value: Any) -> None:
        """Replace ``owner.name``; nothing is remembered of what is not there."""
        own = name in vars(owner) or not isinstance(owner, type)
        original = vars(owner)[name] if name in vars(owner) else getattr(owner, name)
        setattr(owner, name, value)
        if not own:
            self._inherited.add(id(value))
        self._made.append((owner, name, value, original))

    def undo(self) -> None:
        """Put back the very objects that were there.

        What somebody else has replaced since is theirs and stays.
        """
        while self._made:
            owner, name, value, original = self._made.pop()
            current = vars(owner).get(name, getattr(owner, name))
            if current is value and id(value) in self._inherited:
                delattr(owner, name)
            elif current is value:
                setattr(owner, name, original)
        self._inherited.clear()

"""Shelves: folders of like modules, found by walking them; there is no list to edit."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType
from typing import Any


def members(package: ModuleType, attribute: str) -> tuple[Any, ...]:
    """Collect ``attribute`` from every module of ``package``, by module name.

    Parameters
    ----------
    package
        The package to walk (not its subpackages).
    attribute
        Name that each module must define; modules whose name begins with ``_`` are
        private to the shelf and passed over.
    """
    names = sorted(m.name for m in pkgutil.iter_modules(package.__path__) if m.name[0] != "_")
    return tuple(
        getattr(importlib.import_module(f"{package.__name__}.{name}"), attribute) for name in names
    )

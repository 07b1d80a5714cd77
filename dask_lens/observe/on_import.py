"""Runs in the kernel: notices when a module gets imported, without importing it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from types import FrameType, ModuleType


class OnImport:
    """Calls back once a module is there.

    An entry of :data:`sys.meta_path` that finds nothing: it only looks, each time a module is
    about to be imported, whether the one before was it. Importing distributed goes on to
    import more after its client, and dask.dataframe after its collections.

    Parameters
    ----------
    callback
        Called once, with nothing; must not raise.
    attribute
        What the module must have by then.
    modules
        Names that it goes by.
    """

    def __init__(self, callback: Callable[[], None], attribute: str, *modules: str) -> None:
        self._callback = callback
        self._attribute = attribute
        self._modules = modules

    def install(self) -> None:
        """Begin to look."""
        sys.meta_path.insert(0, self)

    def remove(self) -> None:
        """Stop looking."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def look(self) -> None:
        """Call back if the module has come, and stop looking."""
        if self in sys.meta_path and any(map(self._has_come, self._modules)):
            self.remove()
            self._callback()

    def _has_come(self, name: str) -> bool:
        return hasattr(sys.modules.get(name), self._attribute) and not _is_elsewhere(name)

    def find_spec(
        self, _name: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> None:
        """Find nothing, but look."""
        try:
            if any(name in sys.modules for name in self._modules):
                self.look()
        except Exception:  # noqa: BLE001 - somebody's import must not fail because of us
            self.remove()


def _is_elsewhere(name: str) -> bool:
    """Whether another thread is at importing the module or a package that it is in."""
    parts = name.split(".")
    loading = {
        package
        for end in range(1, len(parts) + 1)
        if _is_loading(package := ".".join(parts[:end]))
    }
    return bool(loading) and loading.isdisjoint(_loading_here())


def _is_loading(name: str) -> bool:
    # Set by the import system for as long as the module's code runs.
    return getattr(getattr(sys.modules.get(name), "__spec__", None), "_initializing", False)


def _loading_here() -> set[object]:
    """Give the names of the modules whose code this thread is running."""
    found: set[object] = set()
    frame: FrameType | None = sys._getframe()  # noqa: SLF001 - the only way, and CPython's own
    while frame is not None:
        if frame.f_code.co_name == "<module>":
            found.add(frame.f_globals.get("__name__"))
        frame = frame.f_back
    return found

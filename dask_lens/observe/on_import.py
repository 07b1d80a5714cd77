"""Runs in the kernel: notices when distributed gets imported, without importing it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from types import ModuleType


class OnImport:
    """Calls back once ``distributed.client`` is there.

    An entry of :data:`sys.meta_path` that finds nothing: it only looks, each time a module is
    about to be imported, whether the one before was it. Importing distributed goes on to
    import more after its client.

    Parameters
    ----------
    callback
        Called once, with nothing; must not raise.
    """

    def __init__(self, callback: Callable[[], None]) -> None:
        self._callback = callback

    def install(self) -> None:
        """Begin to look."""
        sys.meta_path.insert(0, self)

    def remove(self) -> None:
        """Stop looking."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def look(self) -> None:
        """Call back if distributed has come, and stop looking."""
        if self in sys.meta_path and hasattr(sys.modules.get("distributed.client"), "Client"):
            self.remove()
            self._callback()

    def find_spec(
        self, _name: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> None:
        """Find nothing, but look."""
        try:
            if "distributed.client" in sys.modules:
                self.look()
        except Exception:  # noqa: BLE001 - somebody's import must not fail because of us
            self.remove()

"""Which files to check."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from dask_lens.lint.settings import settings_of

#: Endings of the files that are looked for in folders.
ENDINGS = (".ipynb", ".py")

#: Folders that hold other people's code, or copies. Hidden ones are passed over as well.
PASSED_OVER = {"__pycache__", "__pypackages__", "build", "node_modules", "site-packages", "venv"}


def files(paths: Iterable[str], complain: Callable[[str], None]) -> Iterator[Path]:
    """Yield the files to check, each once.

    Parameters
    ----------
    paths
        Files, which are checked whatever is excluded, and folders, which are walked.
    complain
        Called with one line about a path where there is nothing to check.
    """
    seen: set[str] = set()
    for given in paths:
        path = Path(given)
        found = 0
        for file in _walked(path, complain) if _is_folder(path) else _named(path, complain):
            found += 1
            real = os.path.realpath(file)
            if real not in seen:
                seen.add(real)
                yield file
        if not found and _is_folder(path):
            complain(f"{path} has no {' and no '.join(ENDINGS)} file to check")


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _named(path: Path, complain: Callable[[str], None]) -> Iterator[Path]:
    if path.suffix in ENDINGS or not os.path.lexists(str(path).replace("\0", "")):
        yield path
    else:
        complain(f"{path} is neither a .py nor an .ipynb file")


def _walked(folder: Path, complain: Callable[[str], None]) -> Iterator[Path]:
    def told(error: OSError) -> None:
        complain(f"{error.filename} cannot be read: {error.strerror or error}")

    for here, folders, names in os.walk(folder, onerror=told):
        place = Path(here)
        settings = settings_of(place.absolute())
        folders[:] = sorted(
            name
            for name in folders
            if name[0] != "."
            and name not in PASSED_OVER
            and not (place / name / "pyvenv.cfg").exists()
            and not settings.excludes(place / name)
        )
        for name in sorted(names):
            path = place / name
            if path.suffix in ENDINGS and name[0] != "." and not settings.excludes(path):
                yield path

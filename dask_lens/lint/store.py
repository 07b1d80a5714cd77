"""Writing a file all at once, or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path

from dask_lens.source.notebook import NotebookError


def store(path: Path, data: bytes, expected: bytes) -> None:
    """Replace the content of a file; links to it stay, and so do its permissions.

    Parameters
    ----------
    path
        The file.
    data
        What it is to hold.
    expected
        What it held when it was read.

    Raises
    ------
    NotebookError
        When it cannot be written, or holds something else by now.
    """
    target = Path(os.path.realpath(path))
    if not os.access(target, os.W_OK):
        raise NotebookError(f"{path} cannot be written: it is read-only")
    try:
        copy = _copy(target, data)
        try:
            changed = target.read_bytes() != expected
            if not changed:
                copy.replace(target)
        finally:
            copy.unlink(missing_ok=True)
    except OSError as error:
        raise NotebookError(f"{path} cannot be written: {error.strerror or error}") from error
    if changed:
        raise NotebookError(f"{path} is not written: it changed while it was checked")


def _copy(target: Path, data: bytes) -> Path:
    """Write a file beside another, as its owner and with its permissions."""
    found = target.stat()
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name[:100]}.", dir=target.parent)
    copy = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        if hasattr(os, "chown"):
            with contextlib.suppress(PermissionError):
                os.chown(copy, found.st_uid, found.st_gid)
        copy.chmod(stat.S_IMODE(found.st_mode))
    except BaseException:
        copy.unlink(missing_ok=True)
        raise
    return copy

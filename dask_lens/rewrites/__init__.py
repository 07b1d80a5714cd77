"""The shelf of rewrites: one libcst codemod each; the folder is the list."""

from __future__ import annotations

import functools
import sys

from dask_lens.rewrite import Rewrite
from dask_lens.shelf import members


@functools.cache
def catalogue() -> dict[str, Rewrite]:
    """Return every rewrite by name."""
    rewrites: tuple[Rewrite, ...] = members(sys.modules[__name__], "rewrite")
    return {rewrite.name: rewrite for rewrite in rewrites}

"""What the user's names held when a cell began."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Variable:
    """A name that holds something of Dask's, or data of a size that is known.

    Parameters
    ----------
    name
        The name.
    type
        Qualified name of the type; ``"module"``, ``"class"`` or ``"function"`` where the name
        stands for something that was imported.
    facts
        JSON values only: ``name`` (of what was imported), ``npartitions``, ``nbytes``, ``chunks``
        (as in :class:`~dask_lens.record.call.ObservedCall`), ``lazy`` (of xarray's objects).
    """

    name: str
    type: str
    facts: dict[str, Any] = field(default_factory=dict, hash=False)

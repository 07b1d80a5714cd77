"""Rows whose number may be known without reading them."""

from __future__ import annotations

import ast

from dask_lens.source.lineage import ancestors, made_by
from dask_lens.source.waits import Wait
from dask_lens.source.words import words

#: Readers that know the number of rows without reading them.
_COUNTED = words("read_parquet from_pandas from_geopandas from_array from_dict timeseries")


def is_counted(wait: Wait) -> bool:
    """Whether the number of rows is known without reading them.

    Parameters
    ----------
    wait
        A call of ``len``.
    """
    made = [made_by(value) for value in ancestors(wait.values)]
    return bool(made) and any(made) and all(not name or name in _COUNTED for name in made)


def is_unsure(wait: Wait) -> bool:
    """Whether rows are counted of what may have been read from files that know their number.

    Parameters
    ----------
    wait
        What computes.
    """
    return wait.how == "len" and not any(made_by(value) for value in ancestors(wait.values))


def is_filtered(wait: Wait) -> bool:
    """Whether rows are counted that meet a condition: no file knows their number.

    Parameters
    ----------
    wait
        A call of ``len``.
    """
    given = wait.lazies[0] if wait.lazies else None
    if not isinstance(given, ast.Subscript):
        return False
    return any(isinstance(n, (ast.Compare, ast.Call, ast.Invert)) for n in ast.walk(given.slice))

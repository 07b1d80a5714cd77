"""The text of one cell, and places in it."""

from __future__ import annotations

from dataclasses import dataclass, field

from dask_lens.record.variable import Variable
from dask_lens.record.wire import ASIDE


@dataclass(frozen=True)
class Cell:
    """A code cell as the user wrote it.

    Parameters
    ----------
    source
        The text, magics and all.
    cell_id
        The notebook's id of the cell; None in terminals, scripts and under nbclient.
    execution_count
        The ``In [n]`` of the run; None where the cell was only read.
    index
        Position among the code cells of a notebook file, from 0; None outside files.
    variables
        What the user's names held when the cell began; no part of what tells cells apart.
    path
        The script that it is all of; None for cells of notebooks, and for text of no file.
    """

    source: str
    cell_id: str | None = None
    execution_count: int | None = None
    index: int | None = None
    variables: tuple[Variable, ...] = field(default=(), compare=False)
    path: str | None = field(default=None, compare=False, metadata=ASIDE)


@dataclass(frozen=True)
class Place:
    """A stretch of a cell. Lines and columns count from 1; the end column is exclusive.

    Parameters
    ----------
    cell
        Index into :attr:`dask_lens.record.run.Run.cells`.
    line, column
        Where it starts; ``column`` is None where only the line is known.
    end_line, end_column
        Where it ends; None where only the start is known.
    """

    cell: int
    line: int
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None

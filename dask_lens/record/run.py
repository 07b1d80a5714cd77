"""What happened in one cell: the data every rule and every view reads."""

from __future__ import annotations

from dataclasses import dataclass, field

from dask_lens.record.call import ObservedCall
from dask_lens.record.cell import Cell
from dask_lens.record.computation import Computation
from dask_lens.record.variable import Variable
from dask_lens.record.wire import ASIDE


@dataclass(frozen=True)
class NotJudged:
    """Something that could not be looked at, which is not the same as finding nothing.

    Parameters
    ----------
    name
        The rule, metric or observer that could not look.
    reason
        Why, in one sentence, with the way out where there is one.
    """

    name: str
    reason: str


@dataclass(frozen=True)
class UnboundFuture:
    """A Future in the user's namespace that has no client: it came out of a task's result.

    Parameters
    ----------
    name
        The variable that holds it (directly, or inside a list, tuple or dict).
    key
        The key of the Future, as text.
    """

    name: str
    key: str


@dataclass(frozen=True)
class Run:
    """One observed cell, or code that never ran.

    Parameters
    ----------
    cells
        Cells in the order they last ran, the observed one last. For code that was only
        read: all cells of the file, in file order.
    observed
        Index into ``cells`` of the cell that ran; None for code that was only read: then
        every cell is judged.
    start, stop
        Seconds since the epoch of the cell's execution; None where it did not run.
    computations
        What schedulers did for this cell, by start.
    unbound_futures
        Futures without a client that the cell left in the namespace.
    error
        Qualified name of the exception that ended the cell; None where it ended well.
    not_judged
        What the observers could not look at.
    calls
        What Dask was asked by the cell, by first call.
    modules
        The modules beside the file that was read, by name, with their text.
    """

    cells: tuple[Cell, ...]
    observed: int | None = None
    start: float | None = None
    stop: float | None = None
    computations: tuple[Computation, ...] = ()
    unbound_futures: tuple[UnboundFuture, ...] = ()
    error: str | None = None
    not_judged: tuple[NotJudged, ...] = ()
    calls: tuple[ObservedCall, ...] = ()
    modules: tuple[tuple[str, str], ...] = field(default=(), compare=False, metadata=ASIDE)

    @property
    def cell(self) -> Cell | None:
        """The cell that ran; None for code that was only read."""
        return None if self.observed is None else self.cells[self.observed]

    @property
    def variables(self) -> tuple[Variable, ...]:
        """What the user's names held when the observed cell began, as far as it matters."""
        return () if self.cell is None else self.cell.variables

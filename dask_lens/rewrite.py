"""What a rewrite is, and what it proposes.

A rewrite is a module on the ``rewrites`` shelf: ``rewrite = Rewrite(...)`` is its data, and
the function decorated with ``@rewrite.apply`` its logic: text in, text out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from dask_lens.metrics import change
from dask_lens.metrics.estimate import Estimate
from dask_lens.record.cell import Cell, Place

#: ``same``: same values, one click. ``ask``: shown as a diff and confirmed. ``tip``: words only.
SAFETIES = ("same", "ask", "tip")


@dataclass(frozen=True)
class Edit:
    """The new text of one cell.

    Parameters
    ----------
    cell_id
        The notebook's id of the cell; None where it has none.
    cell
        Index among the code cells of a notebook file, from 0; None outside files.
    before, after
        The whole text of the cell. An edit is refused where the cell no longer holds
        ``before``.
    """

    cell_id: str | None
    cell: int | None
    before: str
    after: str


@dataclass(frozen=True)
class Proposal:
    """What the code could be.

    Parameters
    ----------
    name
        Name of the rewrite.
    safety
        One of :data:`SAFETIES`.
    title
        What it does, in a few words: the label of the button.
    edits
        One per cell that changes; empty for a tip.
    estimate
        Seconds the computation would take afterwards; None where not predicted.
    unpredicted
        Why there is no estimate; None where there is one.
    """

    name: str
    safety: str
    title: str
    edits: tuple[Edit, ...]
    estimate: Estimate | None = None
    unpredicted: str | None = None


@dataclass(frozen=True)
class Untouched:
    """Why a rewrite would not change the code.

    Parameters
    ----------
    name
        Name of the rewrite.
    reason
        One sentence in the user's terms.
    """

    name: str
    reason: str


@dataclass(frozen=True)
class Change:
    """What a rewrite's logic returns: new texts, and how safe they are.

    Parameters
    ----------
    texts
        New text by index into the cells that were given; only cells that change.
    safety
        One of :data:`SAFETIES`, as found for this code.
    title
        What it does here; None for the rewrite's own title.
    """

    texts: Mapping[int, str]
    safety: str
    title: str | None = None


Apply: TypeAlias = Callable[[tuple[Cell, ...], Place, Mapping[str, Any]], "Change | str"]


class Rewrite:
    """One entry on the shelf of rewrites.

    Parameters
    ----------
    module
        ``__name__`` of the rewrite's module; its last part, with hyphens, is its name.
    title
        What it does, in a few words.
    effect
        What it does to the computations asked for at the place of a finding, so that their
        time afterwards can be predicted; or why it cannot be. None for changes of what tasks
        do, which nobody has timed.
    """

    def __init__(
        self, module: str, *, title: str, effect: change.Change | str | None = None
    ) -> None:
        self.module = module
        self.name = module.rpartition(".")[2].replace("_", "-")
        self.title = title
        self.effect = effect
        self._apply: Apply | None = None

    def apply(self, function: Apply) -> Apply:
        """Make ``function(cells, place, arguments)`` this rewrite's logic (a decorator).

        It returns a :class:`Change`, or the reason for leaving the code as it is.
        """
        self._apply = function
        return function

    def propose(
        self,
        cells: tuple[Cell, ...],
        place: Place,
        arguments: Mapping[str, Any],
    ) -> Proposal | Untouched:
        """Work out the new text; never raises.

        Parameters
        ----------
        cells
            The cells that may change.
        place
            Where the mistake is.
        arguments
            What the rule tells the rewrite.
        """
        if self._apply is None:
            return Untouched(self.name, "this rewrite has no logic")
        try:
            change = self._apply(cells, place, arguments)
        except Exception as error:  # noqa: BLE001 - a rewrite that stumbles must not cost the report
            return Untouched(self.name, f"the rewrite stumbled over this code: {error!r}")
        if isinstance(change, str):
            return Untouched(self.name, change)
        edits = tuple(
            Edit(cells[i].cell_id, cells[i].index, cells[i].source, text)
            for i, text in sorted(change.texts.items())
            if text != cells[i].source
        )
        if not edits and change.safety != "tip":
            return Untouched(self.name, "the code already has this form")
        return Proposal(self.name, change.safety, change.title or self.title, edits)

    def __repr__(self) -> str:
        return f"<Rewrite {self.name}>"

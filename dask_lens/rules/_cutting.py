"""The calls that say how large pieces are, and what came of the pieces."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from dask_lens.record.cell import Place
from dask_lens.record.computation import Computation
from dask_lens.record.run import Run
from dask_lens.rule import Settings
from dask_lens.rules._chunked import Pieces, asked, pieces
from dask_lens.rules._ran import concerns, is_over
from dask_lens.source.chunks import Cut, cuts
from dask_lens.source.lineage import ancestors
from dask_lens.source.meeting import meetings
from dask_lens.source.program import Program, read
from dask_lens.source.timing import is_timed_cell, is_timed_line, tells_time
from dask_lens.source.values import Value
from dask_lens.source.waits import waits


def maker(program: Program, place: Place | None, found: Pieces) -> Cut | None:
    """Return the call that made the pieces of what is computed on a line; None if it is unclear.

    Parameters
    ----------
    program
        The cells.
    place
        Where it is computed.
    found
        The pieces.
    """
    if place is None:
        return None
    made = {value.call for value in _computed(program, place)}
    known = [c for c in cuts(program) if c.call.node in made]
    same = [c for c in known if (c.keyword == "chunks") == (found.what == "chunks")]
    fits = [
        c for c in same if c.layout is not None and tuple(c.layout.chunks) == found.chunks
    ] or [c for c in same if c.layout is None]
    return fits[0] if fits and (len(fits) == 1 or fits[0].layout is not None) else None


def foreseen(
    run: Run,
    settings: Settings,
    extreme: str,
    written: Callable[[Cut, Settings], Pieces | None],
    is_off: Callable[[Pieces, Settings], bool],
) -> Iterator[tuple[Place, Pieces]]:
    """Yield what the text, and graphs that are about to run, show to be of no good size.

    Parameters
    ----------
    run
        The run.
    settings
        Of the rule.
    extreme
        Which pieces of a graph are asked for: ``"finest"`` or ``"coarsest"``.
    written
        Gives the pieces that a call makes, where the text shows them to be of no good size.
    is_off
        Whether pieces are of no good size.
    """
    program = read(run.cells)
    for cut in cuts(program):
        found = written(cut, settings)
        if found is None or not concerns(run, cut.call.cell) or is_compared(program, cut):
            continue
        if not (is_over(run) and computed_from(run, program, cut)):
            yield place_of(program, cut), found
    for call in () if is_over(run) else run.calls:
        found = pieces(asked(run, call.place).get(extreme))
        if call.place is not None and found is not None and is_off(found, settings):
            made = maker(program, call.place, found)
            yield (place_of(program, made) if made is not None else call.place), found


def computed_from(run: Run, program: Program, cut: Cut) -> list[Computation]:
    """Return the finished computations of what a call has made."""
    return [
        computation
        for computation in run.computations
        if computation.status == "finished"
        and computation.place is not None
        and any(value.call is cut.call.node for value in _computed(program, computation.place))
    ]


def _computed(program: Program, place: Place) -> Iterator[Value]:
    for wait in waits(program):
        last = wait.node.end_lineno or wait.node.lineno
        if wait.cell == place.cell and wait.node.lineno <= place.line <= last:
            yield from ancestors(wait.values)


def fell_apart(run: Run, program: Program, found: Pieces) -> bool:
    """Whether chunks are so small because those of two arrays did not fit together."""
    warned = (call.facts.get("after") or {} for call in run.calls)
    after = [facts.get("npartitions") for facts in warned]
    return found.count in after or any(met.after == found.count for met in meetings(program))


def is_compared(program: Program, cut: Cut) -> bool:
    """Whether the same array is cut in several ways, and timed each time."""
    same = [
        other
        for other in cuts(program)
        if other.call.name == cut.call.name
        and cut.layout is not None
        and other.layout is not None
        and other.layout.shape == cut.layout.shape
    ]
    if len({one.layout for one in same}) < 2:  # noqa: PLR2004 - one is compared with another
        return False
    return any(
        is_timed_line(program.cells[wait.cell], wait.node)
        or is_timed_cell(program.cells[wait.cell])
        or tells_time(program, ast.walk(program.cells[wait.cell].tree))
        for wait in waits(program)
        if any(value.call is cut.call.node for value in ancestors(wait.values))
    )


def place_of(program: Program, cut: Cut) -> Place:
    """Return where a call stands that says how large pieces are."""
    return program.place(cut.call.cell, cut.call.node)

"""What a run says of computations of much of which little is used."""

from __future__ import annotations

from collections.abc import Iterator

from dask_lens.metrics.together import elapsed
from dask_lens.record.cell import Place
from dask_lens.record.run import Run
from dask_lens.rule import Settings
from dask_lens.rules._brought import Use, brought
from dask_lens.rules._ran import computations_at, concerns, is_over
from dask_lens.source.program import read
from dask_lens.source.waits import Wait


def fetched(run: Run, settings: Settings) -> Iterator[tuple[Place, Wait, Use, float]]:
    """Yield what :func:`.brought` finds in the cell, with where it stands and its seconds so far.

    Parameters
    ----------
    run
        What happened. Once the cell has run, what took less than ``least_took`` is left out.
    settings
        Of the rule.
    """
    program = read(run.cells)
    for wait, use in brought(program).items():
        if not concerns(run, wait.cell):
            continue
        took = elapsed(computations_at(run, program, wait.cell, [wait.node]))
        if not is_over(run) or took >= settings["least_took"]:
            yield program.place(wait.cell, wait.node), wait, use, took

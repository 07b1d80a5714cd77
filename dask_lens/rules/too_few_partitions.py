"""A collection is made of one partition or chunk.

Dask works on pieces side by side. What is in one piece is worked on by one thread, task after
task, whatever the number of threads and workers. One partition is what ``from_pandas`` makes
unless told otherwise, and what a compressed text file gives, as it can only be read from its
beginning; ``chunks=-1`` and chunks of the shape of the whole make one chunk. Where
``from_array`` is given no chunks, what is smaller than 128 MiB is one chunk.

*Why it costs*: eight seconds of work on one partition take eight seconds on eight threads; on
eight partitions they take one. The piece has to fit in the memory of one worker, several times.

*When it is fine*: the data is small (below some 100 MB) and so is the work; the collection is
split up afterwards; it is a small table that is merged with a large one; it is one of many
that are put together; an algorithm needs all of an axis at once.

*What is not looked at*: fewer partitions than threads, but more than one; files that hold one
chunk; collections whose data the text shows to be small, until a run has been measured.

*References*: https://docs.dask.org/en/stable/best-practices.html#store-data-efficiently;
https://docs.dask.org/en/stable/array-chunks.html;
https://docs.dask.org/en/stable/generated/dask.dataframe.from_pandas.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Any

from dask_lens.metrics.critical_path import critical_path
from dask_lens.record.computation import Computation
from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._ran import computations_at, concerns, is_over
from dask_lens.rules._single import Single, singles
from dask_lens.source.lineage import ancestors
from dask_lens.source.program import Program, read
from dask_lens.source.waits import waits

#: Seconds that could be saved: less is not worth a word.
LEAST_LOST = 0.1

#: Share of the work in the longest chain of tasks, from which on it is one piece.
LEAST_CHAINED = 0.9

_WHAT = {
    "npartitions": "one partition",
    "chunks": "one chunk",
    "missing": "one chunk, where the data is smaller than 128 MiB",
    "packed": "one partition, as a compressed file is read from its beginning",
}

rule = Rule(
    __name__,
    code="DSK503",
    kind="slow",
    needs=("source", "tasks"),
    message=(
        "{what} makes {piece}: one of {threads} threads worked at a time, for {span:.1f} s. "
        "Split up evenly, this could take up to {lost:.1f} s less."
    ),
    forecast="{what} makes {piece}: one thread works on all of it.",
    advice="Make several partitions or chunks, at least as many as there are threads.",
    rewrite=("split-up",),
    thresholds={"least_lost": LEAST_LOST, "least_chained": LEAST_CHAINED},
    dont="""
import time
import dask.dataframe as dd
import numpy as np
import pandas as pd

def slow(part):
    time.sleep(len(part) * 3e-6)
    return part + 1

data = pd.concat([pd.DataFrame({"x": np.arange(1_000)})] * 100)
ddf = dd.from_pandas(data, npartitions=1, sort=False)  # found here
total = ddf.map_partitions(slow, meta=data).x.sum()
total = int(total.compute(scheduler="threads", num_workers=4))
""",
    do="""
import time
import dask.dataframe as dd
import numpy as np
import pandas as pd

def slow(part):
    time.sleep(len(part) * 3e-6)
    return part + 1

data = pd.concat([pd.DataFrame({"x": np.arange(1_000)})] * 100)
ddf = dd.from_pandas(data, npartitions=8, sort=False)
total = ddf.map_partitions(slow, meta=data).x.sum()
total = int(total.compute(scheduler="threads", num_workers=4))
""",
)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find what makes one piece; after the run, where one thread worked on it."""
    program = read(run.cells)
    for single in singles(program):
        call = single.call
        place = program.place(call.cell, call.node)
        told: dict[str, Any] = {
            "what": f"{ast.unparse(call.node.func)[-60:]}()",
            "piece": _WHAT[single.how],
        }
        ran = _made_from(run, program, single)
        if is_over(run) and ran:
            evidence = _measured(ran, settings)
            if evidence is not None:
                fixes = _fixes(single, 2 * evidence["threads"])
                yield rule.finding(
                    place,
                    certainty="seen",
                    cost=evidence["lost"],
                    fixes=fixes,
                    **told,
                    **evidence,
                )
        elif concerns(run, call.cell) and not single.is_small:
            yield rule.finding(place, certainty="likely", fixes=_fixes(single, None), **told)


def _made_from(run: Run, program: Program, single: Single) -> list[Computation]:
    """Return the finished computations of what the call has made."""
    node = single.call.node
    return [
        computation
        for wait in waits(program)
        if any(value.call is node for value in ancestors(wait.values))
        for computation in computations_at(run, program, wait.cell, [wait.node])
        if computation.status == "finished"
    ]


def _measured(ran: Sequence[Computation], settings: Settings) -> dict[str, Any] | None:
    """Return what one piece cost in the computation that it cost most; None for nothing."""
    found: list[dict[str, Any]] = []
    for computation in ran:
        chain = critical_path(computation)
        threads = computation.threads
        if chain is None or threads <= 1:
            continue
        lost = chain.span * (1 - 1 / threads)
        chained = chain.span >= settings["least_chained"] * computation.busy
        if chained and lost >= settings["least_lost"]:
            found.append({"threads": threads, "span": chain.span, "lost": lost})
    return max(found, key=lambda one: float(one["lost"]), default=None)


def _fixes(single: Single, pieces: int | None) -> tuple[Fix, ...]:
    if single.how not in ("npartitions", "chunks"):
        return ()
    return (Fix("split-up", arguments={} if pieces is None else {"pieces": pieces}),)

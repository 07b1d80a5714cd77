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

Several pieces, but fewer than threads, are told once a run has been measured. ``open_mfdataset``
opens many files one after the other, unless ``parallel=True`` says otherwise; that is a tip, as
not every library that reads files can do so in several threads.

*What is not looked at*: files that hold one chunk; collections whose data the text shows to be
small, until a run has been measured.

*References*: https://docs.dask.org/en/stable/best-practices.html#store-data-efficiently;
https://docs.dask.org/en/stable/array-chunks.html;
https://docs.dask.org/en/stable/generated/dask.dataframe.from_pandas.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Any

from dask_lens.metrics.critical_path import critical_path
from dask_lens.metrics.width import width
from dask_lens.record.computation import Computation
from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._chunked import Pieces, asked
from dask_lens.rules._cutting import maker, place_of
from dask_lens.rules._ran import computations_at, concerns, is_over
from dask_lens.rules._single import Single, singles
from dask_lens.source.lineage import ancestors
from dask_lens.source.program import Program, read
from dask_lens.source.waits import waits

#: Seconds that could be saved: less is not worth a word.
LEAST_LOST = 0.1

#: Share of the work in the longest chain of tasks, from which on it is one piece.
LEAST_CHAINED = 0.9

#: Seconds that more pieces than one, and fewer than threads, must have cost.
LEAST_NARROW = 0.5

#: Share of the time that they must have cost.
LEAST_SHARE = 0.25

#: Share of the time of tasks on the processor, from which on they compute.
_COMPUTES = 0.5
#: Collections that are made of pieces.
_PIECED = ("dask.array.", "dask.dataframe.", "dask_expr.", "dask.bag.")
_WHAT = {
    "npartitions": "makes one partition",
    "chunks": "makes one chunk",
    "missing": "makes one chunk, where the data is smaller than 128 MiB",
    "packed": "makes one partition, as a compressed file is read from its beginning",
    "few": "makes chunks of 128 MiB, fewer than most machines have threads",
    "serial": "opens one file after the other",
}

rule = Rule(
    __name__,
    code="DSK503",
    kind="slow",
    needs=("source", "tasks"),
    message=(
        "{what} {piece}: {width} of {threads} threads worked at a time, for {span:.1f} s. "
        "Split up evenly, this could take up to {lost:.1f} s less."
    ),
    forecast="{what} {piece}: other threads have nothing to do.",
    advice="Make several partitions or chunks, at least as many as there are threads.",
    rewrite=("split-up", "open-in-parallel", "set-chunks"),
    thresholds={
        "least_lost": LEAST_LOST,
        "least_chained": LEAST_CHAINED,
        "least_narrow": LEAST_NARROW,
        "least_share": LEAST_SHARE,
    },
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
    told_of: list[Computation] = []
    for single in singles(program):
        call = single.call
        place = program.place(call.cell, call.node)
        told: dict[str, Any] = {
            "what": f"{ast.unparse(call.node.func)[-60:]}()",
            "piece": _WHAT[single.how],
        }
        ran = _made_from(run, program, single)
        if is_over(run) and ran and single.how != "serial":
            told_of += ran
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
            fixes, minor = _fixes(single, None), single.how == "serial"
            yield rule.finding(place, certainty="likely", fixes=fixes, minor=minor, **told)
    for computation in run.computations:
        if computation not in told_of:
            yield from _narrow(run, program, computation, settings)


def _narrow(
    run: Run, program: Program, computation: Computation, settings: Settings
) -> Iterator[Finding]:
    """Judge a computation of several pieces: fewer than threads, from its beginning to its end."""
    kinds = [str(c.get("type")) for c in asked(run, computation.place).get("collections", ())]
    known = width(computation) if computation.status == "finished" else None
    if known is None or not kinds or not all(kind.startswith(_PIECED) for kind in kinds):
        return
    threads = _usable(computation)
    span = (computation.stop or computation.start) - computation.start
    lost = span - computation.busy / threads
    least = max(settings["least_narrow"], settings["least_share"] * span)
    if not 1 < known.most < threads or lost < least:
        return
    cut = maker(program, computation.place, Pieces("partitions", known.most))
    yield rule.finding(
        computation.place if cut is None else place_of(program, cut),
        certainty="seen",
        cost=lost,
        fixes=() if cut is None else (Fix("set-chunks", arguments={"pieces": 2 * threads}),),
        what="The collection" if cut is None else f"{ast.unparse(cut.call.node.func)[-60:]}()",
        piece=f"has no more than {known.most} pieces to work on",
        width=known.most,
        threads=threads,
        span=span,
        lost=lost,
    )


def _usable(computation: Computation) -> int:
    """Return how many threads could work at once: those that compute need a processor each."""
    cpu = sum(task.cpu or 0.0 for task in computation.tasks)
    if computation.cores is None or cpu < _COMPUTES * computation.busy:
        return computation.threads
    return max(1, min(computation.threads, computation.cores))


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
            found.append({"width": 1, "threads": threads, "span": chain.span, "lost": lost})
    return max(found, key=lambda one: float(one["lost"]), default=None)


def _fixes(single: Single, pieces: int | None) -> tuple[Fix, ...]:
    if single.how == "serial":
        return (Fix("open-in-parallel"),)
    if single.how not in ("npartitions", "chunks"):
        return ()
    return (Fix("split-up", arguments={} if pieces is None else {"pieces": pieces}),)

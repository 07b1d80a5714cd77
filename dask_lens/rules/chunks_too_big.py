"""The chunks or partitions are so big that a worker cannot hold as many as it has threads.

Each thread of a worker works on a piece of its own. While it does, the piece is in memory, and so
is what is made of it, and often something in between. Dask cannot write half a piece to disk,
and nothing runs on pieces of pieces.

*Why it costs*: a worker that runs short of memory writes to disk what it will need again, stops,
or is killed with all it has done. And there may be fewer pieces than threads.

*When it is fine*: there is memory enough, as there often is on one large machine; only a few of
the pieces are worked on. Nothing is said of computations that ended well on the local schedulers.

*What is not looked at*: the chunks of xarray's objects before they are computed, as the text does
not tell the size of their variables. One single piece is DSK503.

*References*: https://docs.dask.org/en/stable/best-practices.html#avoid-very-large-partitions;
https://docs.dask.org/en/stable/array-best-practices.html#select-a-good-chunk-size;
https://distributed.dask.org/en/stable/worker-memory.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dask_lens.record.cell import Place
from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._chunked import AUTO, Pieces, readable
from dask_lens.rules._cutting import foreseen, maker, place_of
from dask_lens.rules._oversized import IN_MEMORY, Oversized, oversized
from dask_lens.source.chunks import Cut
from dask_lens.source.program import read

#: Bytes: "10 MB to 1 GB are common", says Dask's documentation of chunks.
MOST_BYTES = 1_000_000_000

#: How often a piece is in memory while it is worked on: as it was, as it becomes, and something in
#: between.
COPIES = IN_MEMORY

rule = Rule(
    __name__,
    code="DSK508",
    kind="slow",
    needs=("source", "graph", "tasks"),
    message=(
        "{what}, and a worker has {limit} of memory for {threads} threads: each of them holds a "
        "piece several times while it works on it."
    ),
    forecast="{what}: each thread holds one several times while it works on it.",
    advice="Make the chunks smaller: about 100 MB each.",
    rewrite=("set-chunks",),
    thresholds={"most_bytes": MOST_BYTES, "copies": COPIES},
    dont="""
import dask.array as da
from dask.distributed import Client

client = Client(
    processes=False,
    n_workers=1,
    threads_per_worker=2,
    memory_limit="4GB",
    dashboard_address=":0",
)
# %%
x = da.ones(4_000_000_000, chunks=2_000_000_000)  # found here
total = int(x[::50_000_000].sum().compute())
# %%
client.shutdown()
""",
    do="""
import dask.array as da
from dask.distributed import Client

client = Client(
    processes=False,
    n_workers=1,
    threads_per_worker=2,
    memory_limit="4GB",
    dashboard_address=":0",
)
# %%
x = da.ones(4_000_000_000, chunks="auto")
total = int(x[::50_000_000].sum().compute())
# %%
client.shutdown()
""",
)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Compare the pieces with the memory of the workers; before they ran, with what is usual."""
    program = read(run.cells)
    told: set[Place | None] = set()
    for computation in run.computations:
        big = oversized(run, computation, settings)
        if big is None:
            continue
        cut = maker(program, computation.place, big.found)
        place = place_of(program, cut) if cut is not None else computation.place
        if place not in told:
            told.add(place)
            yield _seen(place, big, cost=_moved(computation.tasks, computation.threads))
    for place, found in foreseen(run, settings, "coarsest", _written, _is_big):
        if place not in told:
            told.add(place)
            yield rule.finding(
                place, certainty="likely", fixes=(Fix("set-chunks"),), what=str(found)
            )


def _seen(place: Place | None, big: Oversized, *, cost: float | None) -> Finding:
    arguments: dict[str, Any] = {"nbytes": big.fits} if big.fits < AUTO else {}
    return rule.finding(
        place,
        certainty="seen",
        cost=cost,
        fixes=(Fix("set-chunks", arguments=arguments),),
        what=str(big.found),
        limit=readable(big.limit),
        threads=big.worker.nthreads,
        pieces=big.found.count,
        largest=big.found.largest,
    )


def _moved(tasks: Any, threads: int) -> float | None:
    """Return the seconds that threads waited for data from disk and from other workers."""
    moved = sum(task.movement for task in tasks) / max(threads, 1)
    return moved or None


def _written(cut: Cut, settings: Settings) -> Pieces | None:
    """Return the pieces that a call makes, where the text shows them to be big."""
    layout = cut.layout
    if layout is not None:
        found = Pieces("chunks", layout.count, layout.largest, layout.nbytes, layout.chunks)
        return found if _is_big(found, settings) else None
    if cut.nbytes is not None and cut.nbytes > settings["most_bytes"]:
        return Pieces("partitions", 0, cut.nbytes)
    return None


def _is_big(found: Pieces, settings: Settings) -> bool:
    big = found.largest is not None and found.largest > settings["most_bytes"]
    return big and found.count > 1

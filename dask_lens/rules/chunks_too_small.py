"""The chunks or partitions are so small that handling them takes longer than what is in them.

Every operation makes a task for each chunk, and each task costs the scheduler something: some
100 microseconds on threads, up to a few milliseconds on a cluster. NumPy adds a million numbers
in a millisecond; a chunk of a thousand is done before the next task has been found.

*Why it costs*: an array of 800 MB in chunks of 80 kB has ten thousand of them, and each step of
a computation on it ten thousand tasks. In chunks of 100 MB it has eight.

*When it is fine*: there are few chunks; the work on each takes long, whatever its size; all of
the data is small, and so is the time that could be saved.

*What is not looked at*: the chunks of xarray's objects before they are computed, as the text does
not tell the size of their variables. No time is predicted for larger chunks: what was
recorded of small tasks is mostly their handling, which would go with them.

*References*: https://docs.dask.org/en/stable/array-best-practices.html#select-a-good-chunk-size;
https://docs.dask.org/en/stable/array-chunks.html;
https://docs.dask.org/en/stable/dataframe-best-practices.html#repartition-to-reduce-overhead;
https://github.com/pydata/xarray/issues/6036
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from dask_lens.record.cell import Place
from dask_lens.record.computation import Computation
from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._chunked import COSTS, SMALL, Pieces, fitting, held_up
from dask_lens.rules._cutting import fell_apart, foreseen, is_compared, maker, place_of
from dask_lens.rules._ran import is_over
from dask_lens.source.chunks import Cut
from dask_lens.source.program import Program, read

#: Bytes of a chunk, below which it is small.
MOST_BYTES = SMALL

#: Chunks, from which on the text alone is worth a word: they take a second to handle.
LEAST_CHUNKS = 2_500

#: Tasks of one computation: fewer are handled in a moment.
LEAST_TASKS = COSTS["least_tasks"]

#: Seconds of a median task: from here on handling it is a small part.
MOST_MEDIAN = COSTS["most_median"]

#: Share of the time that is not the tasks', as if they had run one after another.
LEAST_OVERHEAD = COSTS["least_overhead"]

#: Seconds: less is not worth a word.
LEAST_LOST = COSTS["least_lost"]

#: Pieces where no run has told the number of threads: two for each of four.
_PIECES = 8

rule = Rule(
    __name__,
    code="DSK507",
    kind="slow",
    needs=("source", "graph", "tasks"),
    message=(
        "{what}: the computation took {wall:.1f} s, and all of its work is {busy:.1f} s; the rest "
        "is the handling of so many small tasks."
    ),
    forecast="{what}: Dask handles each for longer than it works on it.",
    advice="Make the chunks larger, 100 MB each where there is so much data.",
    rewrite=("set-chunks",),
    thresholds={
        "most_bytes": MOST_BYTES,
        "least_chunks": LEAST_CHUNKS,
        "least_tasks": LEAST_TASKS,
        "most_median": MOST_MEDIAN,
        "least_overhead": LEAST_OVERHEAD,
        "least_lost": LEAST_LOST,
    },
    dont="""
import dask.array as da

x = da.ones(3_000_000, chunks=1_000)  # found here
total = float((x + 1).sum(split_every=50).compute(scheduler="threads", num_workers=4))
""",
    do="""
import dask.array as da

x = da.ones(3_000_000, chunks="3MB")
total = float((x + 1).sum(split_every=50).compute(scheduler="threads", num_workers=4))
""",
)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find computations that many small chunks held up; before they ran, the chunks themselves."""
    program = read(run.cells)
    told: set[Place | None] = set()
    if is_over(run):
        for place, ran in _held_up(run, program, settings).items():
            told.add(place)
            yield _seen(place, ran)
    for place, found in foreseen(run, settings, "finest", _written, _is_small):
        if place not in told:
            told.add(place)
            fixes = (_fix(found, _PIECES),)
            yield rule.finding(place, certainty="likely", fixes=fixes, what=str(found))


_Held = tuple[Computation, Pieces, dict[str, float]]


def _held_up(run: Run, program: Program, settings: Settings) -> dict[Place | None, list[_Held]]:
    """Return what small pieces held up, by where the pieces were made, or else computed."""
    held: dict[Place | None, list[_Held]] = {}
    for computation in run.computations:
        told = held_up(run, computation, settings)
        if told is None:
            continue
        found, cost = told
        if fell_apart(run, program, found):
            continue  # DSK509 says so
        cut = maker(program, computation.place, found)
        if cut is not None and is_compared(program, cut):
            continue
        place = place_of(program, cut) if cut is not None else computation.place
        held.setdefault(place, []).append((computation, found, cost))
    return held


def _seen(place: Place | None, ran: Sequence[_Held]) -> Finding:
    computation, found, cost = max(ran, key=lambda one: one[2]["lost"])
    return rule.finding(
        place,
        certainty="seen",
        cost=sum(c["lost"] for _, _, c in ran),
        fixes=(_fix(found, 2 * computation.threads),),
        what=str(found),
        pieces=found.count,
        largest=found.largest,
        wall=cost["wall"],
        busy=cost["busy"],
    )


def _fix(found: Pieces, count: int) -> Fix:
    size = fitting(found.nbytes, count)
    arguments: dict[str, Any] = {"pieces": count}
    return Fix("set-chunks", arguments=arguments if size is None else arguments | {"nbytes": size})


def _written(cut: Cut, settings: Settings) -> Pieces | None:
    """Return the pieces that a call makes, where the text shows them to be small."""
    layout = cut.layout
    if layout is not None:
        found = Pieces("chunks", layout.count, layout.largest, layout.nbytes, layout.chunks)
        return found if _is_small(found, settings) else None
    if cut.nbytes is not None and 0 < cut.nbytes < settings["most_bytes"]:
        return Pieces("partitions", 0, cut.nbytes)
    many = cut.count is not None and cut.count >= settings["least_chunks"]
    in_memory = cut.call.name.endswith(".from_pandas")
    return Pieces("partitions", cut.count or 0) if many and in_memory else None


def _is_small(found: Pieces, settings: Settings) -> bool:
    if found.largest is None or found.largest >= settings["most_bytes"]:
        return False
    return bool(found.count >= settings["least_chunks"])

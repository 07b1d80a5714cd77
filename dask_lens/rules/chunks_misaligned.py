"""Arrays are put together whose chunks do not fit, and fall into many small ones.

Dask works on arrays chunk by chunk. Where those of two arrays have other borders, each is cut
along the borders of both. Arrays in rows and arrays in columns, put together, fall into as many
pieces as the product of both.

*Why it costs*: a hundred chunks of one and a hundred of the other make ten thousand, each with
tasks of its own, and every piece has to come from where it was to where it is needed.

*When it is fine*: there are few chunks anyway; the result is larger than both, as that of a row
and a column is, so that its chunks are not smaller.

*What is not looked at*: chunks of files, and what xarray warns of; arrays of which the text does
not tell the chunks, before Dask has put them together. Dask itself no longer cuts chunks where an
array is indexed out of order.

*References*: https://docs.dask.org/en/stable/array-best-practices.html#orient-your-chunks;
https://docs.dask.org/en/stable/array-chunks.html;
https://github.com/dask/dask/issues/3650; https://github.com/pydata/xarray/issues/5754
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any

from dask_lens.record.call import ObservedCall
from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._chunked import COSTS, asked, overhead, pieces, readable
from dask_lens.rules._ran import concerns
from dask_lens.source.meeting import Meeting, meetings
from dask_lens.source.program import read

#: So many times as many chunks: from here on Dask warns, too.
LEAST_FACTOR = 10

#: Chunks, from which on the text alone is worth a word.
LEAST_CHUNKS = 1000

_ZARR = re.compile(
    r"along axis (?P<axis>\d+) with chunk size (?P<n>\d+),.* divisible by (?P<of>\d+)"
)
_MOST_WORDS = 160

rule = Rule(
    __name__,
    code="DSK509",
    kind="slow",
    needs=("source", "graph", "namespace"),
    message="{said}.",
    advice="Cut both alike before they meet: give them the same chunks, or multiples of them.",
    rewrite=("align-chunks",),
    thresholds={"least_factor": LEAST_FACTOR, "least_chunks": LEAST_CHUNKS},
    dont="""
import dask.array as da

rows = da.ones((2_000, 2_000), chunks=(20, 2_000))
columns = da.ones((2_000, 2_000), chunks=(2_000, 20))
both = rows + columns  # found here
total = float(both[:40, :40].sum().compute(scheduler="threads"))
""",
    do="""
import dask.array as da

rows = da.ones((2_000, 2_000), chunks=(20, 2_000))
columns = da.ones((2_000, 2_000), chunks=(20, 2_000))
both = rows + columns
total = float(both[:40, :40].sum().compute(scheduler="threads"))
""",
)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find what Dask warned of; where nothing has run, what the text shows not to fit."""
    program = read(run.cells)
    told: set[tuple[int, int]] = set()
    for call in run.calls:
        said = _said(call) if call.facts.get("kind") == "chunks" else ""
        if not said or call.place is None:
            continue
        at = (call.place.cell, call.place.line)
        met = next((m for m in meetings(program) if _line(m) == at), None)
        place = program.place(met.cell, met.node) if met is not None else call.place
        told.add(at)
        yield rule.finding(
            place,
            certainty="seen",
            cost=_cost(run, call),
            fixes=(Fix("align-chunks"),),
            said=said,
            factor=call.facts.get("factor"),
        )
    if run.observed is not None and run.stop is not None:
        return
    for met in meetings(program):
        grows = met.after >= settings["least_factor"] * met.before
        if not grows or met.after < settings["least_chunks"] or met.largest >= met.largest_before:
            continue
        if concerns(run, met.cell) and _line(met) not in told:
            yield rule.finding(
                program.place(met.cell, met.node),
                certainty="likely",
                fixes=(Fix("align-chunks"),),
                said=_sentence(ast.unparse(met.node)[:60], met.before, met.after, met.largest),
            )


def _line(met: Meeting) -> tuple[int, int]:
    return met.cell, met.node.lineno


def _said(call: ObservedCall) -> str:
    """Return what is wrong, from what Dask warned of; empty where it is fine."""
    message = str(call.facts.get("message", ""))
    arrays, after = call.facts.get("arrays") or [], call.facts.get("after") or {}
    if arrays and "largest" in after:
        sizes = [array.get("largest", 0) for array in arrays]
        if after["largest"] >= max(sizes):
            return ""  # as the product of a row and a column
        names = [str(array["name"]) for array in arrays if array.get("name")]
        what = " and ".join(names[:3]) or "what meets here"
        before = max(array["npartitions"] for array in arrays)
        return _sentence(what, before, after["npartitions"], after["largest"])
    written = _ZARR.search(message)
    if written is not None:
        return (
            f"The chunks of {written['n']} along axis {written['axis']} are cut anew before they "
            f"are written, as the file has chunks of {written['of']}"
        )
    return f"Dask warned: {message[:_MOST_WORDS]}"


def _sentence(what: str, before: int, after: int, largest: float) -> str:
    return (
        f"The chunks of {what} do not fit together: {before} become {after}, of "
        f"{readable(largest)} at most"
    )


def _cost(run: Run, call: ObservedCall) -> float | None:
    """Return the seconds that handling the many chunks took, where they were computed here."""
    after: Mapping[str, Any] = call.facts.get("after") or {}
    lost = 0.0
    for computation in run.computations:
        found = pieces(asked(run, computation.place).get("finest"))
        if found is not None and found.count == after.get("npartitions"):
            cost = overhead(computation, COSTS, even=True)
            lost += cost["lost"] if cost is not None else 0.0
    return lost or None

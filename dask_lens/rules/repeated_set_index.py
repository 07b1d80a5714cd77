"""The rows of a dataframe are sorted again and again, where once would do.

``set_index`` and ``sort_values`` read all of the data to learn which values there are, and then
send every row to the partition it belongs in. A second one destroys the order that the first has
made. Each computation on the result does all of it again, unless it is persisted or written.

*Why it costs*: a shuffle is the most expensive thing that can be done to a dataframe: every
partition is read, cut into as many pieces as there are partitions, and moved.

*When it is fine*: the data is sorted already, and ``sorted=True`` says so; the first order was
used in between, or the result was persisted; the data is small.

*What is not looked at*: merges on columns, which need a shuffle once; what is shuffled in one
function and again in another.

*References*:
https://docs.dask.org/en/stable/dataframe-best-practices.html#avoid-full-data-shuffling;
https://docs.dask.org/en/stable/dataframe-best-practices.html#joins;
https://github.com/dask/dask/issues/2982; https://github.com/dask/dask/issues/10333
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from dask_lens.record.computation import Computation
from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._ran import concerns, is_over
from dask_lens.source.program import Program, read
from dask_lens.source.shuffles import Repeated, computed_in, repeated

#: Seconds that could be saved: less is not worth a word.
LEAST_LOST = 0.05

#: Passes over the data that one set_index needs: one to learn the values, one to move the rows.
_NEEDED = 2

rule = Rule(
    __name__,
    code="DSK511",
    kind="slow",
    needs=("source", "tasks"),
    message=(
        "{what}: {passes} passes over all of the data to order its rows took {took:.1f} s, and "
        "{needed} would do."
    ),
    forecast="{what}: every row is moved again.",
    advice="Order the rows once, and persist or write the result where it is used several times.",
    rewrite=("drop-shuffle",),
    thresholds={"least_lost": LEAST_LOST},
    dont="""
import time
import dask.dataframe as dd
import pandas as pd

def load(n):
    time.sleep(0.05)
    return pd.DataFrame({"day": [3, 1, 2], "sold": [n, 10 * n, 100 * n]})

ddf = dd.from_map(load, range(4), meta=load(0))
by_day = ddf.sort_values("sold").set_index("day")  # found here
total = int(by_day.sold.sum().compute())
""",
    do="""
import time
import dask.dataframe as dd
import pandas as pd

def load(n):
    time.sleep(0.05)
    return pd.DataFrame({"day": [3, 1, 2], "sold": [n, 10 * n, 100 * n]})

ddf = dd.from_map(load, range(4), meta=load(0))
by_day = ddf.set_index("day")
total = int(by_day.sold.sum().compute())
""",
)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find shuffles that undo or repeat another; after the run, by the passes over the data."""
    program = read(run.cells)
    for found in repeated(program):
        place = program.place(found.call.cell, found.call.node)
        fixes = (Fix("drop-shuffle"),) if _in_one(found) else ()
        what = _what(found)
        ran = _computed(run, program, found)
        if is_over(run) and ran:
            took, passes = _passes(ran)
            needed = min(passes, _NEEDED)
            lost = took * (passes - needed) / max(passes, 1)
            if lost >= settings["least_lost"]:
                yield rule.finding(
                    place,
                    certainty="seen",
                    cost=lost,
                    fixes=fixes,
                    what=what,
                    passes=passes,
                    took=took,
                    needed=needed,
                )
        elif concerns(run, found.call.cell):
            yield rule.finding(place, certainty="likely", fixes=fixes, what=what)


def _what(found: Repeated) -> str:
    name = _named(found.call.node)
    if found.earlier is None:
        return f"{name} is done in every pass of the loop"
    first = _named(found.earlier.node)
    if found.earlier.receiver is found.call.receiver or first == name:
        here = found.earlier.cell == found.call.cell
        return (
            f"{name} is done again, after line {found.earlier.node.lineno}"
            f"{'' if here else ' of an earlier cell'}"
        )
    return f"{name} destroys the order that {first} has made"


def _named(node: ast.Call) -> str:
    func = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
    return f"{func}({', '.join(ast.unparse(argument) for argument in node.args)})"[:60]


def _in_one(found: Repeated) -> bool:
    """Whether both stand in one chain of calls."""
    earlier = found.earlier.node if found.earlier is not None else None
    return any(part is earlier for part in ast.walk(found.call.node.func))


def _computed(run: Run, program: Program, found: Repeated) -> list[Computation]:
    """Return the finished computations of what is shuffled."""
    lines: set[tuple[int, int]] = set()
    for call in (found.call, found.earlier):
        for wait in computed_in(program, call) if call is not None else ():
            last = wait.node.end_lineno or wait.node.lineno
            lines |= {(wait.cell, line) for line in range(wait.node.lineno, last + 1)}
    return [
        c
        for c in run.computations
        if c.place is not None and (c.place.cell, c.place.line) in lines and c.stop is not None
    ]


def _passes(ran: Sequence[Computation]) -> tuple[float, int]:
    """Return the seconds of the computations that order rows, and how often they do."""
    took, passes = 0.0, 0
    for computation in ran:
        barriers = {task.key for task in computation.tasks if "barrier" in task.prefix}
        asks = any("quantiles" in task.prefix for task in computation.tasks)
        if barriers or asks:
            passes += len(barriers) + asks
            took += (computation.stop or computation.start) - computation.start
    return took, passes

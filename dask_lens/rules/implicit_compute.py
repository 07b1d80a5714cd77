"""Something is computed without a word of it: by ``len``, by ``if``, by a loop, by ``.values``.

Python and NumPy ask objects for lengths, truth values, numbers and items. A collection can only
answer by computing, and does so, from the beginning, each time that it is asked.

*Why it costs*: a harmless looking line reads all the data. Several such lines read it several
times, where one ``dask.compute`` of all of them would read it once. Looping over the rows of a
dataframe computes one partition after another. ``xr.apply_ufunc(f, x, dask="allowed")`` hands a
lazy array to ``f``, which computes it where it is no function for lazy arrays;
``dask="parallelized"`` gives ``f`` chunk after chunk.

*When it is fine*: once, where the answer is needed; of data that is in memory or persisted; of
the number of rows of a parquet file, which is in its footer.

*References*: https://github.com/dask/dask/issues/9857;
https://docs.dask.org/en/stable/best-practices.html#avoid-calling-compute-repeatedly
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Any

from dask_lens.metrics.together import elapsed
from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._brought import LITTLE, brought
from dask_lens.rules._counted import is_counted, is_unsure
from dask_lens.rules._ran import computations_at, is_over
from dask_lens.source import api
from dask_lens.source.branches import either_or
from dask_lens.source.calls import POSITION
from dask_lens.source.lineage import ancestors, is_cheap, is_persisted, is_read, made_by, shared
from dask_lens.source.loops import loop_of
from dask_lens.source.program import Program, read
from dask_lens.source.timing import MOST_MEASURED, is_clocked, is_timed_cell, is_timed_line
from dask_lens.source.values import Value
from dask_lens.source.waits import Wait, waits
from dask_lens.source.words import words

#: Seconds: less is not worth a word.
LEAST_TOOK = 0.05

#: Ways to wait of which even a single one is worth a word.
_ALONE = ("bool", "iterate", "len", "ufunc", "drawn")
#: Ways to take all of it in as it is.
_TAKES = ("array", "values", "number", "iterate")
_IMPLICIT = (*_ALONE, "lengths", "number", "array", "values", "plot", "look")
#: What has to be done with all of the data before the first rows are there.
_OF_ALL = words(
    "sort_values set_index merge join drop_duplicates value_counts nlargest nsmallest pivot_table "
    "unique describe"
)

rule = Rule(
    __name__,
    code="DSK305",
    kind="slow",
    needs=("source", "tasks"),
    message="{what} computed without saying so, in {took:.1f} s{again}.",
    forecast="{what} computes without saying so{again}.",
    advice="Say compute() where you mean it, and compute what belongs together in one call.",
    rewrite=("compute-it",),
    thresholds={"least_took": LEAST_TOOK},
    dont="""
import dask.array as da

x = da.random.default_rng(1).normal(size=(4000, 4000), chunks=2000)
if (x > 9).any():  # found here
    x = x.clip(-9, 9)
""",
    do="""
import dask.array as da

x = da.random.default_rng(1).normal(size=(4000, 4000), chunks=2000)
if (x > 9).any().compute():
    x = x.clip(-9, 9)
""",
)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find what computes by itself: alone where it is a surprise, else where it is repeated."""
    program = read(run.cells)
    told: list[Wait] = []
    found = [wait for wait in waits(program) if _counts(program, wait)]
    for number, wait in enumerate(found):
        if run.observed not in (None, wait.cell):
            continue
        before = _whole(program, wait) if is_unsure(wait) else found[:number]
        before = [w for w in before if w.inside == wait.inside]
        repeated = [w for w in before if w.cell == wait.cell and _again(program, w, wait)]
        repeated = repeated or _in_other_cells(program, before, wait)
        if any(w in told for w in repeated) or not (repeated or _is_alone(program, wait)):
            continue
        told.append(wait)
        again = f", again what {_where(repeated[0], wait)} computes" if repeated else ""
        place = program.place(wait.cell, wait.node)
        fixes = (Fix("compute-it"),) if wait.how == "bool" else ()
        evidence: dict[str, Any] = {"what": ast.unparse(wait.node)[:60], "again": again}
        if not is_over(run):
            yield rule.finding(place, certainty="likely", fixes=fixes, **evidence)
            continue
        took = elapsed(computations_at(run, program, wait.cell, [wait.node]))
        if took >= settings["least_took"]:
            yield rule.finding(place, certainty="seen", fixes=fixes, took=took, **evidence)


def _again(program: Program, earlier: Wait, wait: Wait) -> bool:
    """Whether of two computations the one does what the other does."""
    first, second = sorted((earlier, wait), key=POSITION)
    if either_or(program.cells[wait.cell], first.node, second.node):
        return False
    return bool(shared(earlier.values, wait.values))


def _in_other_cells(program: Program, before: Sequence[Wait], wait: Wait) -> list[Wait]:
    """Return what took in the very same object in cells above; that it is drawn is a look."""
    if wait.how not in _TAKES or _is_shown(program, wait):
        return []
    same = [w for w in before if w.cell != wait.cell and _is_same(w, wait)]
    taken = [w for w in same if w.how in _TAKES and not _is_shown(program, w)]
    return taken or (same if len(same) > 1 else [])


def _is_same(earlier: Wait, wait: Wait) -> bool:
    """Whether two compute what is called the same, and is read from files."""
    one, other = ([ast.unparse(lazy) for lazy in w.lazies] for w in (earlier, wait))
    if one != other or not all(map(_is_one, earlier.values, wait.values)):
        return False
    return any(map(is_read, shared(earlier.values, wait.values)))


def _is_one(one: Value | None, other: Value | None) -> bool:
    """Whether two values are the same, or the same part of the same."""
    if one is None or other is None or one is other:
        return one is other
    parts, there = one.parts or (), other.parts or ()
    made_anew = one.call is None and other.call is None and len(parts) == len(there) > 0
    return made_anew and all(map(_is_one, parts, there))


def _where(earlier: Wait, wait: Wait) -> str:
    line = f"line {earlier.node.lineno}"
    return line if earlier.cell == wait.cell else f"{line} of cell {earlier.cell + 1}"


def _counts(program: Program, wait: Wait) -> bool:
    cell = program.cells[wait.cell]
    if (
        wait.how not in _IMPLICIT
        or wait in brought(program)
        or is_timed_cell(cell)
        or is_timed_line(cell, wait.node)
    ):
        return False
    if loop_of(program, wait.cell, wait.node, wait.inside) is not None:
        return False
    if any(value is None or is_persisted(value) for value in wait.values):
        return False
    if wait.how == "len" and is_counted(wait):
        return False
    if wait.how == "look" and not _needs_all(wait):
        return False
    if wait.how == "bool" and all(_is_single(value) for value in wait.values):
        return False
    if is_clocked(program, wait.cell, wait.node, MOST_MEASURED):
        return False
    return any(not is_cheap(value) for value in ancestors(wait.values))


def _is_single(value: Value | None) -> bool:
    """Whether this is a variable as it was read: to be asked, it must be one number."""
    if value is None or not value.is_instance(*api.XARRAY):
        return False
    if value.variable:
        return True
    return value.call is None and any(_is_single(part) for part in value.parts or ())


def _is_alone(program: Program, wait: Wait) -> bool:
    """Whether even one such expression is a surprise."""
    if wait.how == "array" and any(v is not None and v.kind == "items" for v in wait.values):
        return True  # each item computes by itself
    if wait.how not in _ALONE or is_unsure(wait):
        return False
    if wait.how == "drawn" or (wait.call is not None and wait.call.name == "builtins.list"):
        return not any(made_by(value) in LITTLE for value in ancestors(wait.values))
    if wait.how == "iterate":
        return True
    if wait.how in ("bool", "ufunc"):
        return True
    return not _is_shown(program, wait)


def _is_shown(program: Program, wait: Wait) -> bool:
    """Whether it is the last expression of a cell, and so shown."""
    cell = program.cells[wait.cell]
    statement = next(cell.parents(wait.node), None)
    return isinstance(statement, ast.Expr) and statement in cell.ends


def _whole(program: Program, wait: Wait) -> list[Wait]:
    """Return the computations of all of what is counted, before it or after."""
    return [w for w in waits(program) if w.how == "compute" and w.values == wait.values]


def _needs_all(wait: Wait) -> bool:
    """Whether even the first rows are there only when all of the data was worked on."""
    made = list(ancestors(wait.values))
    return any(one.is_instance(api.GROUPED) or made_by(one) in _OF_ALL for one in made)

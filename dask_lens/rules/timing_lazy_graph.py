"""What is timed only builds a graph: nothing is computed between the two looks at the clock.

Methods of Dask collections return at once, whatever the size of the data: they note what is to
be done. The work begins with ``compute()``, ``persist()``, a writer or a plot.

*Why it costs*: nothing, and that is the trouble: the milliseconds measured say nothing about the
work, and comparisons that rest on them are wrong, by orders of magnitude.

*When it is fine*: building the graph, or opening files, is what should be timed, as a comment or
what is printed may say; the timed part calls something that computes.

*References*: https://docs.dask.org/en/stable/user-interfaces.html#laziness-and-computing;
https://docs.dask.org/en/stable/phases-of-computation.html
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._ran import is_over
from dask_lens.rules._timed import Timed, timed_parts
from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.loops import names_in
from dask_lens.source.program import Program, read
from dask_lens.source.timing import CLOCKS
from dask_lens.source.waits import waits
from dask_lens.source.words import words

rule = Rule(
    __name__,
    code="DSK309",
    kind="wrong",
    needs=("source", "tasks"),
    message="Nothing was computed while {what} was timed: {call} is lazy and returned at once.",
    forecast="Nothing is computed while {what} is timed: {call} is lazy and returns at once.",
    advice="Compute inside the timed part: .compute(), or a writer.",
    rewrite=("compute-it",),
    dont="""
import time
import dask.array as da

x = da.ones((1000, 1000), chunks=500)
start = time.perf_counter()
total = (x + x.T).sum()  # found here
seconds = time.perf_counter() - start
""",
    do="""
import time
import dask.array as da

x = da.ones((1000, 1000), chunks=500)
start = time.perf_counter()
total = (x + x.T).sum().compute()
seconds = time.perf_counter() - start
""",
)

#: What is written beside code that is timed for being lazy.
_OF_GRAPH = re.compile(
    r"\b(lazy|lazily|laziness|graph|build|building|built|construct\w*|definition|defin(e|ing)|"
    r"set-?up|instant\w*|immediate\w*|at once|nothing|no time|no comput\w*)\b|"
    r"(\bnot|n't)( \w+)? comput",
    re.IGNORECASE,
)
_TEXT = re.compile(r"['\"](.*?)['\"]")
#: Methods that are known to be quick, or that compute a part of the data at once.
_NOT_WORK = words(
    "astype chunk rechunk rename repartition persist set_index sort_values shuffle isel sel drop "
    "reset_index to_delayed assign_coords squeeze transpose reshape unify_chunks get_partition "
    "to_dask_dataframe to_bag compute_chunk_sizes copy loc iloc"
)
_HARMLESS = CLOCKS | words(
    "builtins.print builtins.round builtins.str builtins.float builtins.len builtins.range "
    "builtins.type builtins.repr builtins.format builtins.list builtins.int"
)
_LAZY = (api.ARRAY, *api.FRAMES, api.BAG, api.BAG_ITEM, *api.XARRAY)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find timed parts in which all that Dask is asked for is lazy."""
    del settings
    program = read(run.cells)
    parts = list(timed_parts(program))
    for timed in parts:
        if run.observed not in (None, timed.cell) or _is_computed_next(program, timed, parts):
            continue
        if _is_said(program, timed):
            continue
        node = _lazy_work(program, timed) or _reading(program, timed)
        if node is None or (is_over(run) and run.computations):
            continue
        yield rule.finding(
            program.place(timed.cell, node),
            certainty="seen" if is_over(run) else "likely",
            fixes=(Fix("compute-it"),),
            minor=True,  # what is computed is right, and only what is said of its time is wrong
            what=timed.what,
            call=f"{ast.unparse(node.func)[-60:]}()",
        )


def _is_computed_next(program: Program, timed: Timed, parts: Sequence[Timed]) -> bool:
    """Whether building the graph is timed on purpose, as its computation is timed after it."""
    given = set().union(*(names_in(t) for s in timed.body for t in getattr(s, "targets", ())))
    built = {ast.unparse(value) for s in timed.body if (value := getattr(s, "value", None))}
    last = (timed.cell, max((s.lineno for s in timed.body), default=0))
    later = [part for part in parts if part.body and (part.cell, part.body[0].lineno) > last]
    inside = {n for part in later for statement in part.body for n in ast.walk(statement)}
    return any(
        wait.node in inside and (_is_one_of(lazy, given) or ast.unparse(lazy) in built)
        for wait in waits(program)
        for lazy in wait.lazies
    )


def _is_one_of(lazy: ast.expr, names: set[str]) -> bool:
    """Whether what is computed is what a name stands for, with no more work done on it."""
    works = any(isinstance(node, ast.Call) for node in ast.walk(lazy))
    return not works and bool(names_in(lazy) & names)


def _is_said(program: Program, timed: Timed) -> bool:
    """Whether a comment, or what is printed with the time, says that it is the graph's."""
    lines = program.cells[timed.cell].lines
    last = max((s.end_lineno or s.lineno for s in timed.body), default=0)
    first = min((s.lineno for s in timed.body), default=1)
    comments = [line.partition("#")[2] for line in lines[max(first - 2, 0) : last + 1]]
    printed = [text for line in lines[last : last + 2] for text in _TEXT.findall(line)]
    return any(_OF_GRAPH.search(text) for text in (*comments, *printed))


def _lazy_work(program: Program, timed: Timed) -> ast.Call | None:
    """Return the last lazy call of a timed part in which nothing else may compute."""
    nodes = [node for statement in timed.body for node in ast.walk(statement)]
    inside = set(nodes)
    if any(wait.node in inside for wait in waits(program) if wait.cell == timed.cell):
        return None
    calls = [program.by_node.get(node) for node in nodes if isinstance(node, ast.Call)]
    if not all(call is not None and _is_harmless(call) for call in calls):
        return None
    work = [call for call in calls if call is not None and _is_work(call)]
    if not work:
        return None
    values = [getattr(statement, "value", None) for statement in reversed(timed.body)]
    whole = [call.node for value in values for call in work if call.node is value]
    return whole[0] if whole else work[0].node


def _reading(program: Program, timed: Timed) -> ast.Call | None:
    """Return what reads a table, where its time is taken by a clock, and it alone."""
    statement = timed.body[0] if len(timed.body) == 1 and timed.what == "this" else None
    node = statement.value if isinstance(statement, ast.Assign) else None
    call = program.by_node.get(node) if isinstance(node, ast.Call) else None
    reads = call is not None and call.name.startswith("dask.dataframe.read_")
    return node if reads and isinstance(node, ast.Call) else None


def _is_harmless(call: Call) -> bool:
    """Whether a call certainly computes nothing."""
    if call.name in _HARMLESS:
        return True
    made = call.result
    if made is None or call.callee is not None:
        return False
    plumbing = call.name.rpartition(".")[2] in ("persist", "set_index", "sort_values", "shuffle")
    return made.is_instance(*_LAZY, *api.PARTS) and not plumbing


def _is_work(call: Call) -> bool:
    """Whether a call stands for work on all of the data."""
    lazy = call.receiver is not None and call.receiver.is_instance(*_LAZY, *api.PARTS)
    return (
        lazy
        and call.result is not None
        and call.result.is_instance(*_LAZY, *api.PARTS)
        and call.name.rpartition(".")[2] not in _NOT_WORK
    )

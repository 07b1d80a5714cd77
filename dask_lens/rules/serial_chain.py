"""Values are put together one by one, so that each step waits for the one before.

``acc = delayed(add)(acc, delayed(f)(x))`` in a loop makes a chain of as many tasks as there are
values: whatever the number of threads, they run one after another. Where it does not matter
which two are put together first, neighbours can be: a tree of the same tasks is as deep as the
logarithm of their number, and its branches run side by side.

*Why it costs*: 100 tables that are added in a tenth of a second each take ten seconds one by
one; as a tree, on enough threads, they take seven tenths.

*When it is fine*: a step needs the result of the one before to do anything (time stepping,
training, a recurrence); putting two together takes no time, as with numbers; there are three or
four; every sum on the way is used.

*What is not looked at*: from the text, functions that are not seen to add, multiply, compare or
concatenate their two arguments. What a chain costs is only known once it has run.

*References*: https://docs.dask.org/en/stable/best-practices.html#learn-techniques-for-customization;
https://docs.dask.org/en/stable/delayed-best-practices.html#break-up-computations-into-many-pieces;
https://github.com/dask/dask/issues/397
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from dask_lens.metrics.change import Change
from dask_lens.metrics.critical_path import critical_path
from dask_lens.metrics.estimate import Estimate
from dask_lens.metrics.folds import Fold, balanced, folds
from dask_lens.metrics.joined import join, windows
from dask_lens.metrics.ready import ran
from dask_lens.metrics.schedule import makespan
from dask_lens.metrics.whatif import estimate
from dask_lens.record.cell import Place
from dask_lens.record.computation import Computation
from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._ran import concerns
from dask_lens.source.folding import Folding, foldings, reductions
from dask_lens.source.program import Program, read
from dask_lens.source.words import words

#: Tasks of a chain: a tree of fewer is as deep.
LEAST_TASKS = 4

#: Share of the threads that the whole graph can keep busy, from which on it is parallel enough.
MOST_PARALLEL = 0.5

#: Seconds that a tree would save: less is not worth a word.
LEAST_LOST = 0.1

#: Share of the time that a tree would save.
LEAST_SHARE = 0.1

#: Key prefixes of tasks that may be done in any order, where no loop in the text tells.
_NAMES = words("add mul max min maximum minimum concat sum or_ and_ union")

rule = Rule(
    __name__,
    code="DSK502",
    kind="slow",
    needs=("source", "graph", "tasks"),
    message=(
        "{n_links} tasks {what} ran one after another, {chained:.1f} s in all, on one of "
        "{threads} threads at a time. A tree of them is {depth} deep: up to {lost:.1f} s less."
    ),
    forecast=(
        "Each pass puts its value together with {name} ({what}): a chain of "
        "tasks that run one after another."
    ),
    advice="Keep the values in a list, and put neighbours together until one is left.",
    rewrite=("fold-as-tree",),
    thresholds={
        "least_tasks": LEAST_TASKS,
        "most_parallel": MOST_PARALLEL,
        "least_lost": LEAST_LOST,
        "least_share": LEAST_SHARE,
    },
    dont="""
import time
from dask import delayed

def load(n):
    return n

def add(a, b):
    time.sleep(0.05)
    return a + b

acc = 0
for n in range(11):
    acc = delayed(add)(acc, delayed(load)(n))  # found here
acc = acc.compute(scheduler="threads", num_workers=4)
""",
    do="""
import time
from dask import delayed

def load(n):
    return n

def add(a, b):
    time.sleep(0.05)
    return a + b

acc = 0
acc_parts = [acc]
for n in range(11):
    acc_parts.append(delayed(load)(n))
while len(acc_parts) > 1:
    pairs = zip(acc_parts[::2], acc_parts[1::2])
    acc_parts[: len(acc_parts) // 2 * 2] = [delayed(add)(one, other) for one, other in pairs]
acc = acc_parts[0]
acc = acc.compute(scheduler="threads", num_workers=4)
""",
)

_Line: TypeAlias = tuple[int, int]


@dataclass(frozen=True)
class _Chain:
    """What a chain cost: nothing where ``evidence`` is None."""

    place: Place
    evidence: dict[str, Any] | None
    tree: Estimate | None = None


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find chains in what ran; where nothing ran, loops that will make one."""
    program = read(run.cells)
    written = {line: found for found in foldings(program) for line in _lines(program, found)}
    measured: dict[_Line, _Chain] = {}
    for group in windows(run.computations):
        for chain in _chains(join(group), written, settings):
            line = (chain.place.cell, chain.place.line)
            if line not in measured or _lost(chain) > _lost(measured[line]):
                measured[line] = chain
    for found in dict.fromkeys(written.values()):
        place = program.place(found.cell, found.node)
        chains = [c for line in _lines(program, found) if (c := measured.pop(line, None))]
        worst = max(chains, key=_lost, default=None)
        if worst is not None:
            yield from _told(worst, place)
        elif found.known and concerns(run, found.cell):
            fixes = (Fix("fold-as-tree"),)
            name = f"{found.name[:60]} of the pass before"
            yield rule.finding(
                place, certainty="likely", fixes=fixes, what=found.what[:60], name=name
            )
    for call, what in reductions(program):
        place = program.place(call.cell, call.node)
        if (place.cell, place.line) not in measured and concerns(run, call.cell):
            name = "what reduce has made so far"
            yield rule.finding(place, certainty="likely", what=what[:60], name=name)
    for chain in measured.values():
        yield from _told(chain, chain.place)


def _told(chain: _Chain, place: Place) -> Iterator[Finding]:
    if chain.evidence is not None:
        yield rule.finding(
            place,
            certainty="seen",
            cost=chain.evidence["lost"],
            fixes=(Fix("fold-as-tree", estimate=chain.tree),),
            **chain.evidence,
        )


def _lost(chain: _Chain) -> float:
    return 0.0 if chain.evidence is None else float(chain.evidence["lost"])


def _lines(program: Program, found: Folding) -> Iterator[_Line]:
    place = program.place(found.cell, found.node)
    for line in range(place.line, (place.end_line or place.line) + 1):
        yield found.cell, line


def _chains(
    c: Computation, written: Mapping[_Line, Folding], settings: Settings
) -> Iterator[_Chain]:
    """Yield the chains of a computation whose tasks may be done in another order."""
    graph = c.graph
    if c.status != "finished" or graph is None or c.n_tasks > len(c.tasks):
        return
    kinds = [task.prefix if task else "" for task in ran(c)]
    for fold in folds(graph, kinds):
        place, kind = graph.place_of(fold.tasks[-1]), kinds[fold.tasks[-1]]
        found = written.get((place.cell, place.line)) if place is not None else None
        plain = kind in _NAMES and all(fold.values[2:])
        if place is not None and (found is not None or plain):
            what = kind if found is None or found.what == "an operator" else found.what
            saved, tree = _saved(c, fold, kinds, settings) or (None, None)
            yield _Chain(place, None if saved is None else {"what": what[:60], **saved}, tree)


def _saved(
    c: Computation, fold: Fold, kinds: Sequence[str], settings: Settings
) -> tuple[dict[str, Any], Estimate | None] | None:
    """Compare a chain with a tree of the same tasks; None where that is no shorter."""
    chain, graph = critical_path(c), c.graph
    seconds = [task.duration if task else 0.0 for task in ran(c)]
    chained = sum(seconds[i] for i in fold.tasks)
    wall = (c.stop or c.start) - c.begin
    least = max(settings["least_lost"], settings["least_share"] * wall)
    if graph is None or chain is None or len(fold.tasks) < settings["least_tasks"]:
        return None
    most = settings["most_parallel"] * c.threads * chain.span
    if c.threads <= 1 or chained < least or c.busy >= most:
        return None
    among = frozenset({kinds[fold.tasks[-1]]})
    tree = estimate(c, Change(trees=among))
    lost = makespan(graph, c.threads, seconds)
    lost -= makespan(balanced(graph, kinds, among), c.threads, seconds)
    if tree is not None:  # they may have to share a processor
        lost = min(lost, wall - tree.low)
    if lost < least:
        return None
    evidence = {
        "n_links": len(fold.tasks),
        "chained": chained,
        "threads": c.threads,
        "depth": math.ceil(math.log2(len(fold.tasks) + 1)),
        "lost": lost,
    }
    return evidence, tree
